"""stub"""
def schema_files() -> dict[str, bytes]: return {}
