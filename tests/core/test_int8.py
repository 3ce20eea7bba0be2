import pytest
import torch

from core.resident import int8
from core.resident.int8 import FBGEMM, Int8Linear, quantize

KERNELS = ["plain", pytest.param("packed", marks=pytest.mark.skipif(not FBGEMM, reason="this PyTorch has no FBGEMM"))]


def pack(layer):
    with int8.packing([layer]):
        pass


@pytest.fixture(params=KERNELS)
def linear(request):
    """Int8Linear, or one that is packed at once."""

    def make(*args):
        made = Int8Linear(*args)
        if request.param == "packed":
            pack(made)
            assert made._packed and not made.weight.numel()
        return made

    make.packed = request.param == "packed"
    return make


def far(a, b):
    return ((a - b).norm() / b.norm()).item()


def test_close_to_the_float_product(linear):
    torch.manual_seed(0)
    weight, x = torch.randn(300, 128), torch.randn(7, 128)
    assert 0 < far(linear(weight)(x), x @ weight.t()) < 0.02


def test_close_to_the_product_of_the_int8_weights(linear):
    """With one activation a thousand times the others, as Gemma's are."""
    torch.manual_seed(0)
    weight, x = torch.randn(300, 128), torch.randn(7, 128)
    x[:, 5] *= 1000
    rows = Int8Linear(weight)
    exact = x.double() @ (rows.weight.double() * rows.scale.double().unsqueeze(1)).t()
    assert far(linear(weight)(x).double(), exact) < (1e-3 if linear.packed else 4e-3)


def test_the_largest_sums_do_not_saturate(linear):
    x, weight = torch.ones(2, 512), torch.ones(3, 512)
    x[1] = -1
    weight[1] = -1
    assert torch.equal(linear(weight)(x).sign(), torch.tensor([[1, -1, 1], [-1, 1, -1]]).float())
    assert far(linear(weight)(x).abs(), torch.full((2, 3), 512.0)) < 5e-3


def test_a_token_is_the_same_alone_and_in_a_batch(linear):
    torch.manual_seed(0)
    layer = linear(torch.randn(300, 640), torch.randn(300))
    x = torch.randn(33, 640) * torch.logspace(-3, 3, 33).unsqueeze(1)
    together = layer(x)
    for i in range(len(x)):
        assert torch.equal(layer(x[i : i + 1])[0], together[i])


def test_rows_are_packed_in_pieces(monkeypatch):
    torch.manual_seed(0)
    weight, x = torch.randn(300, 640), torch.randn(3, 640)
    whole, pieces = Int8Linear(weight), Int8Linear(weight)
    pack(whole)
    monkeypatch.setattr(int8, "PACK", 128)
    pack(pieces)
    assert len(pieces._packed) == 3 if FBGEMM else not pieces._packed
    assert torch.equal(whole(x), pieces(x))


def test_zeros_and_shapes(linear):
    layer = linear(torch.zeros(5, 4))
    assert layer(torch.zeros(2, 3, 4)).shape == (2, 3, 5)
    assert torch.equal(layer(torch.ones(1, 4)), torch.zeros(1, 5))
    assert torch.equal(linear(torch.randn(5, 640))(torch.zeros(1, 640)), torch.zeros(1, 5))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_what_is_not_finite_stays_so_and_in_its_row(linear, value):
    """The engine knows a broken model by its logits."""
    torch.manual_seed(0)
    layer, x = linear(torch.randn(5, 640)), torch.randn(3, 640)
    clean = layer(x)
    x[1, 7] = value
    broken = layer(x)
    assert not torch.isfinite(broken[1]).any()
    assert torch.equal(broken[::2], clean[::2])


def test_the_embedding_and_the_head_share_one_table(tiny_folder):
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(tiny_folder, dtype=torch.float32)
    ids = torch.tensor([[2, 77, 8000]])
    before = model.get_input_embeddings()(ids)
    quantize(model)
    table = model.get_input_embeddings()
    after = table(ids)
    assert far(after, before) < 0.02
    assert sum(b.numel() for n, b in model.named_buffers() if "embed_tokens" in n and "per_layer" not in n) < 10
    assert table._table[0].data_ptr() == model.get_output_embeddings().weight.data_ptr()
    pack(model.get_output_embeddings())
    assert torch.equal(table(ids), after)
