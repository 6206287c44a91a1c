"""Visma.net ERP, the SalesOrder service and Visma Connect as local servers."""
