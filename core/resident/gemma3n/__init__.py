"""Gemma 3n on one GPU: the text model in 4 bits, a forward of our own, and kernels for its decode step.

Read in this order: config (shapes), slices (nested models), nf4 (the number format), weights (what is kept),
kv (slots), lora (adapters), forward (the whole model, plainly, on any device), step and products (the same for one
token per chat, fused), graphs, model (what the engine sees).
"""
