"""Centra's Integration API: GraphQL client, wire models, queries."""
