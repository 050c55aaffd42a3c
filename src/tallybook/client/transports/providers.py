"""Whose address a request goes to, in the ids of the price catalogue."""

# The ends of host names; what is asked there costs what that provider's list says.
HOSTS: dict[str, str] = {
    "api.openai.com": "openai",
    "openai.azure.com": "azure",
    "azure-api.net": "azure",
    "cognitiveservices.azure.com": "azure",
    "services.ai.azure.com": "azure",
    "api.anthropic.com": "anthropic",
    "api.mistral.ai": "mistral",
    "codestral.mistral.ai": "mistral",
    "googleapis.com": "google",
    "amazonaws.com": "aws",
    "api.groq.com": "groq",
    "api.deepseek.com": "deepseek",
    "api.x.ai": "x-ai",
    "openrouter.ai": "openrouter",
    "api.together.xyz": "together",
    "api.fireworks.ai": "fireworks",
    "api.cerebras.ai": "cerebras",
    "api.perplexity.ai": "perplexity",
    "api.moonshot.ai": "moonshotai",
    "api.moonshot.cn": "moonshotai",
    "api.novita.ai": "novita",
    "api.z.ai": "zai",
    "open.bigmodel.cn": "zhipuai",
    "api.minimax.io": "minimax",
    "api.cohere.ai": "cohere",
    "api.cohere.com": "cohere",
    "api.githubcopilot.com": "github-copilot",
    "inference.baseten.co": "baseten",
}


def provider_of(host: str) -> str | None:
    """The provider at a host, or at one below it, regional ones; None for an unknown host."""
    name = host.lower()
    while name:
        if name in HOSTS:
            return HOSTS[name]
        _, _, name = name.partition(".")
    return None
