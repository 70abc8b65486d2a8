"""What a chapter does around a training loop, and does not teach."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def round_weights(net: torch.nn.Module, decimals: int = 5) -> torch.nn.Module:
    """Round a trained network's parameters in place and return it, so that what follows repeats elsewhere.

    Processors add in different orders, so the same training ends in weights that differ in their last bits.
    Where its learning rate has come to rest, those differences are far below the fifth decimal, and every
    machine goes on with the same network.

    Args:
        net: any module; its parameters keep their dtype and their gradients' setting.
        decimals: how many decimals are kept.
    """
    import torch

    with torch.no_grad():
        for parameter in net.parameters():
            parameter.copy_(parameter.round(decimals=decimals))
    return net
