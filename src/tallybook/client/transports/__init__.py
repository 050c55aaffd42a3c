"""HTTP transports for provider SDKs that read what each answer says was used."""

from tallybook.client.transports.transport import AsyncRecordingTransport, RecordingTransport

__all__ = ["AsyncRecordingTransport", "RecordingTransport"]
