"""All known answers, in one place."""

from support.providers import openai, others

VECTORS = (*openai.VECTORS, *others.VECTORS)
