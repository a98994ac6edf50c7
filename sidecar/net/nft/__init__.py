"""Accept_Mode false by nf_tables."""
