"""Triton kernels of the decode step. Each runs on the GPU, and on the CPU through Triton's interpreter for tests.

Two conventions hold throughout. Activations that a 4-bit product reads are stored "split": in each block of 64, the
32 even elements first, then the 32 odd ones, because one byte of NF4 holds an even and an odd weight. A product
whose sum is cut into several parts writes them as float32 [parts, rows, N]; the kernel that reads them adds them up.
"""
