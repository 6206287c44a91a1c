"""How each field is answered; a field that is not named here is an attribute of its record."""
