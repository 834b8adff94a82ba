"""Values that another program recorded, held against a traced run."""
