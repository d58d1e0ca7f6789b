-- Give the service what the migrations made.
SELECT grant_service()
