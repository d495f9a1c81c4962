"""Refusals, worded as the real Bot API words them."""

from sandbox.shapes import Json


class ApiError(Exception):
    """A refusal that the bot receives: an HTTP status, a description and perhaps parameters.

    Wordings come from the public sources of the Bot API server and of TDLib.
    """

    def __init__(self, code: int, description: str, parameters: Json | None = None) -> None:
        super().__init__(f"{code} {description}")
        self.code = code
        self.description = description
        self.parameters = parameters

    def body(self) -> Json:
        """The JSON body of the refusal."""
        body: Json = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


class ControlError(Exception):
    """A request to the control API that makes no sense; answered with its HTTP status."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


def bad(description: str) -> ApiError:
    """A 400: ``Bad Request: …``."""
    return ApiError(400, f"Bad Request: {description}")


def forbidden(description: str) -> ApiError:
    """A 403: ``Forbidden: …``."""
    return ApiError(403, f"Forbidden: {description}")


def too_many(retry_after: int) -> ApiError:
    """A 429 with ``retry_after`` in whole seconds."""
    return ApiError(429, f"Too Many Requests: retry after {retry_after}", {"retry_after": retry_after})
