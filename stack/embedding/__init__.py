"""Text → vectors. `load_encoder(settings)` is the one way in."""

from stack.embedding.card import ModelCard
from stack.embedding.encoder import Encoder, load_encoder

__all__ = ["Encoder", "ModelCard", "load_encoder"]
