"""What leaves for a data warehouse: Parquet files about students who agreed, and the manifest that lists them."""
