"""Host memory that the GPU reads by itself."""

from __future__ import annotations

import torch


def page_lock(tensor: torch.Tensor) -> None:
    """Lock a CPU tensor's pages in place, so that kernels can read it over PCIe. Does nothing if they are locked.

    torch's own pin_memory would copy it, into a block rounded up to a power of two: 8 GiB for E4B's 4.4.
    """
    if tensor.is_cuda or tensor.is_pinned():
        return
    runtime = torch.cuda.cudart()  # type: ignore[no-untyped-call]
    code = runtime.cudaHostRegister(tensor.data_ptr(), tensor.nbytes, 3)  # portable, mapped
    if int(code) != 0:
        raise MemoryError(f"{tensor.nbytes / 2**30:.1f} GiB of host memory cannot be page-locked (CUDA error {code})")
