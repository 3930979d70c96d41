"""The index: customers as rows that SQLite searches, and the query language over them. Disposable; never the record."""
