"""The APIs, each from the module that the generated package has it in: here, that of usage."""

from openapiopenai.api.usage_api import UsageApi

__all__ = ["UsageApi"]
