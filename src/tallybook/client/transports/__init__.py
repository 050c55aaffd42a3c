"""HTTP transports for provider SDKs that read what each answer says was used."""
