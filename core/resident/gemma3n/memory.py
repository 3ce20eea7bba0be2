"""Host memory that the GPU reads by itself."""

from __future__ import annotations

import weakref

import torch


def page_lock(tensor: torch.Tensor) -> None:
    """Lock a CPU tensor's pages in place, so that kernels can read it over PCIe. Does nothing if they are locked.

    torch's own pin_memory would copy it, into a block rounded up to a power of two: 8 GiB for E4B's 4.4.
    """
    if tensor.is_cuda or tensor.is_pinned():
        return
    address = tensor.data_ptr()
    runtime = torch.cuda.cudart()  # type: ignore[no-untyped-call]
    code = runtime.cudaHostRegister(address, tensor.nbytes, 3)  # portable, mapped
    if int(code) != 0:
        raise MemoryError(f"{tensor.nbytes / 2**30:.1f} GiB of host memory cannot be page-locked (CUDA error {code})")
    # Memory that is freed while locked cannot be locked again by whoever gets it next.
    weakref.finalize(tensor, runtime.cudaHostUnregister, address)
