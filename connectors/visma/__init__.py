"""Visma.net: ERP v1 and v2, the SalesOrder service v3, and Visma Connect."""
