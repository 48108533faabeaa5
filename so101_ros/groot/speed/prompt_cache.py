"""Tokens of the prompts that were asked of late."""

# pyright: reportMissingImports=false

from collections import OrderedDict
from collections.abc import Callable

import torch

from so101_ros.errors import GrootError

_KEPT = 16  # prompts; an operator changes between a few


class PromptCache:
    """Ask the tokeniser once per prompt."""

    def __init__(self) -> None:
        self._tokens: OrderedDict[str, torch.Tensor] = OrderedDict()

    def get(
        self, prompt: str, tokenise: Callable[[], tuple[torch.Tensor, torch.Tensor]]
    ) -> torch.Tensor:
        """Look up or make the tokens of a prompt.

        Args:
            prompt: The prompt.
            tokenise: Makes its tokens and their mask, with as many images as the model gets. Shape
                (1, tokens) each.

        Returns:
            Shape (1, tokens), int64.

        Raises:
            GrootError: If some of them are padding, which graphs leave out of account.
        """
        if prompt not in self._tokens:
            tokens, mask = tokenise()
            if not bool(mask.all()):
                raise GrootError(
                    f"the tokens of {prompt!r} are padded; one prompt needs no padding"
                )
            self._tokens[prompt] = tokens
            while len(self._tokens) > _KEPT:
                self._tokens.popitem(last=False)
        self._tokens.move_to_end(prompt)
        return self._tokens[prompt]
