"""Diandan (点单): the service-ordering API of residential neighbourhoods."""
