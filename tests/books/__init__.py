"""What holds of the books for every order, and what whole worlds of orders come to."""
