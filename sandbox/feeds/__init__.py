"""The feeds of exchange rates: the ECB's files and the Riksbank's SWEA API."""
