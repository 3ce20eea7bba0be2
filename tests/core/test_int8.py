import torch

from core.resident.int8 import Int8Linear, quantize


def test_close_to_the_float_product():
    torch.manual_seed(0)
    weight, x = torch.randn(300, 128), torch.randn(7, 128)
    exact = x @ weight.t()
    error = (Int8Linear(weight)(x) - exact).norm() / exact.norm()
    assert 0 < error < 0.02


def test_a_token_is_the_same_alone_and_in_a_batch():
    torch.manual_seed(0)
    linear = Int8Linear(torch.randn(300, 128), torch.randn(300))
    x = torch.randn(33, 128) * torch.logspace(-3, 3, 33).unsqueeze(1)
    together = linear(x)
    for i in range(len(x)):
        assert torch.equal(linear(x[i : i + 1])[0], together[i])


def test_zeros_and_shapes():
    linear = Int8Linear(torch.zeros(5, 4))
    assert linear(torch.zeros(2, 3, 4)).shape == (2, 3, 5)
    assert torch.equal(linear(torch.ones(1, 4)), torch.zeros(1, 5))


def test_the_embedding_and_the_head_share_one_table(tiny_folder):
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(tiny_folder, dtype=torch.float32)
    ids = torch.tensor([[2, 77, 200_000]])
    before = model.get_input_embeddings()(ids)
    quantize(model)
    after = model.get_input_embeddings()(ids)
    assert (after - before).norm() / before.norm() < 0.02
    assert sum(b.numel() for n, b in model.named_buffers() if "embed_tokens" in n and "per_layer" not in n) < 10
