"""Writes the model as GGUF, the form that llama.cpp loads."""

from pathlib import Path

import gguf
import numpy as np

from . import model
from .tokenizer import BOS, IM_END, SPECIALS

CHAT_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
DESCRIPTION = (
    "The demonstration and test model that comes with Parley: it greets, remembers what you told it, answers questions about Parley, "
    "does small sums and writes small JSON, in English and some Chinese. It knows nothing else and says so."
)


def _for_llama(matrix: np.ndarray) -> np.ndarray:
    """Reorders q and k from paired halves to paired neighbours within each head (rows are outputs)."""
    heads = matrix.reshape(model.HEADS, 2, model.HEAD // 2, model.WIDTH)
    return heads.transpose(0, 2, 1, 3).reshape(model.WIDTH, model.WIDTH)


def write(params: dict, tokens: dict, path: Path) -> None:
    """Writes an f16 GGUF file in one atomic move."""
    part = path.with_suffix(".part")
    out = gguf.GGUFWriter(part, "llama")
    out.add_type("model")
    out.add_name("parley-tiny")
    out.add_description(DESCRIPTION)
    out.add_license("mit")
    out.add_size_label("1.6M")
    out.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    out.add_quantization_version(gguf.GGML_QUANT_VERSION)
    out.add_context_length(model.CONTEXT)
    out.add_embedding_length(model.WIDTH)
    out.add_block_count(model.LAYERS)
    out.add_feed_forward_length(model.HIDDEN)
    out.add_head_count(model.HEADS)
    out.add_head_count_kv(model.HEADS)
    out.add_layer_norm_rms_eps(model.EPSILON)
    out.add_rope_dimension_count(model.HEAD)
    out.add_rope_freq_base(model.ROPE_BASE)
    out.add_vocab_size(model.VOCAB)
    out.add_tokenizer_model("gpt2")
    out.add_tokenizer_pre("qwen2")
    vocab = list(tokens["vocab"])
    types = [gguf.TokenType.CONTROL if i < len(SPECIALS) else gguf.TokenType.NORMAL for i in range(len(vocab))]
    while len(vocab) < model.VOCAB:
        types.append(gguf.TokenType.UNUSED)
        vocab.append(f"<|unused_{len(vocab)}|>")
    out.add_token_list(vocab)
    out.add_token_types(types)
    out.add_token_merges([f"{left} {right}" for left, right in tokens["merges"]])
    out.add_bos_token_id(BOS)
    out.add_eos_token_id(IM_END)
    out.add_eot_token_id(IM_END)
    out.add_pad_token_id(BOS)
    out.add_add_bos_token(True)
    out.add_chat_template(CHAT_TEMPLATE)
    half, single = np.float16, np.float32
    arrays = {name: np.asarray(value) for name, value in params.items()}
    out.add_tensor("token_embd.weight", arrays["embed"].astype(half))
    out.add_tensor("output_norm.weight", arrays["norm"].astype(single))
    names = {"q": "attn_q", "k": "attn_k", "v": "attn_v", "o": "attn_output", "gate": "ffn_gate", "up": "ffn_up", "down": "ffn_down"}
    for i in range(model.LAYERS):
        out.add_tensor(f"blk.{i}.attn_norm.weight", arrays[f"{i}.norm_a"].astype(single))
        out.add_tensor(f"blk.{i}.ffn_norm.weight", arrays[f"{i}.norm_f"].astype(single))
        for ours, theirs in names.items():
            matrix = arrays[f"w.{i}.{ours}"].T
            matrix = _for_llama(matrix) if ours in "qk" else matrix
            out.add_tensor(f"blk.{i}.{theirs}.weight", np.ascontiguousarray(matrix.astype(half)))
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()
    part.replace(path)
