"""The REST API under `/api/v1`: an application of its own inside the API's, with its OpenAPI and its errors."""
