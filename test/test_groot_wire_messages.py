"""Messages of every release: the documented bytes, round trips, and what is refused."""

import pickle
import tracemalloc
from typing import Any

import msgpack
import numpy as np
import pytest
from groot_servers import make_request, profile_of
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from so101_ros.errors import GrootError
from so101_ros.groot.contract_json import contract_from_json, contract_to_json
from so101_ros.groot.model_contract import Generation, ModelContract, ValueRange
from so101_ros.groot.request import GrootRequest
from so101_ros.groot.wire.dialect import N15, N16, N17, UNSAFE_PICKLE, Dialect, dialect_by
from so101_ros.groot.wire.modality import Modality, ModalityStyle, contract_of, modalities_of

_ALL = [N15, N16, N17, UNSAFE_PICKLE]
_MSGPACK = [N15, N16, N17]
_NAMES = [dialect.name for dialect in _ALL]

_NPY_HEADER = b"\x93NUMPY\x01\x00v\x00" + (
    b"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }".ljust(117) + b"\n"
)
_FLOATS = bytes.fromhex("0000803f00002040")  # 1.0 and 2.5
_NPY_BYTES = b"\x81\xa1a\x82\xb1__ndarray_class__\xc3\xa6as_npy\xc4\x88" + _NPY_HEADER + _FLOATS
_ND_BYTES = (
    b"\x81\xa1a\x85\xc4\x02nd\xc3\xc4\x04type\xa3<f4\xc4\x04kind\xc4\x00"
    b"\xc4\x05shape\x92\x01\x02\xc4\x04data\xc4\x08" + _FLOATS
)
_FIELDS = (
    b"\x85\xaddelta_indices\x92\x00\x01\xadmodality_keys\x91\xa3arm"
    b"\xb6sin_cos_embedding_keys\xc0\xb7mean_std_embedding_keys\xc0\xaeaction_configs\xc0"
)
_N15_MODALITY = (
    b'\x81\xa6action\x82\xb8__ModalityConfig_class__\xc3\xa7as_json\xd96{"delta_indices":[0,1],'
    b'"modality_keys":["action.arm"]}'
)
_N16_MODALITY = b"\x81\xa6action\x82\xb8__ModalityConfig_class__\xc3\xa7as_json" + _FIELDS
_N17_MODALITY = b"\x81\xa6action\x82\xb2__ModalityConfig__\xc3\xa7as_json" + _FIELDS


@pytest.mark.parametrize(
    ("dialect", "data"), [(N15, _NPY_BYTES), (N16, _NPY_BYTES), (N17, _ND_BYTES)]
)
def test_arrays_have_the_bytes_of_upstream(dialect: Dialect, data: bytes) -> None:
    """As upstream's serialisers wrote them."""
    assert dialect.codec.pack({"a": np.array([[1.0, 2.5]], np.float32)}) == data
    for reader in _MSGPACK:
        found = reader.codec.unpack(data)["a"]
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, [[1.0, 2.5]])


@pytest.mark.parametrize(
    ("dialect", "data", "key"),
    [
        (N15, _N15_MODALITY, "action.arm"),
        (N16, _N16_MODALITY, "arm"),
        (N17, _N17_MODALITY, "arm"),
    ],
)
def test_modalities_have_the_bytes_of_upstream(dialect: Dialect, data: bytes, key: str) -> None:
    """And give the release away to whoever reads them."""
    assert dialect.codec.pack({"action": Modality((key,), 2, None)}) == data
    for reader in _MSGPACK:
        found = reader.codec.unpack(data)["action"]
        assert (found.keys, found.steps) == ((key,), 2)
        assert dialect_by(found) is dialect


def test_a_request_without_arrays_is_the_same_in_every_release() -> None:
    """So a server can be asked before its release is known."""
    data = b"\x81\xa8endpoint\xb3get_modality_config"
    assert {dialect.codec.pack({"endpoint": "get_modality_config"}) for dialect in _MSGPACK} == {
        data
    }


def test_scalars_are_written_as_each_release_can_read() -> None:
    """N1.5 and N1.6 know only Python's numbers."""
    for dialect in (N15, N16):
        assert dialect.codec.pack(np.float32(1.5)) == msgpack.packb(1.5)
        assert dialect.codec.pack(np.bool_(True)) == msgpack.packb(True)
    data = b"\x83\xc4\x02nd\xc2\xc4\x04type\xa3<f4\xc4\x04data\xc4\x04\x00\x00\xc0\x3f"
    assert N17.codec.pack(np.float32(1.5)) == data
    assert N17.codec.unpack(data) == np.float32(1.5)


_KEYS = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=8)
_FLOAT = hnp.from_dtype(np.dtype(np.float32), allow_nan=False)


@st.composite
def _requests(draw: st.DrawFn) -> GrootRequest:
    image = hnp.arrays(np.uint8, st.tuples(st.integers(1, 4), st.integers(1, 4), st.just(3)))
    state = hnp.arrays(np.float32, st.integers(1, 7), elements=_FLOAT)
    return GrootRequest(
        draw(st.dictionaries(_KEYS, image, min_size=1, max_size=3)),
        draw(st.dictionaries(_KEYS, state, min_size=1, max_size=3)),
        draw(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)),
    )


@pytest.mark.parametrize("dialect", _ALL, ids=_NAMES)
@settings(deadline=None)
@given(request=_requests())
def test_a_request_survives_the_way(dialect: Dialect, request: GrootRequest) -> None:
    """In bytes, and back."""
    data = dialect.layout.write_observation(request, ("annotation.task",))
    found = dialect.layout.read_observation(dialect.codec.unpack(dialect.codec.pack(data)))
    assert found.batched
    assert found.request.prompt == request.prompt
    for before, after in (
        (request.video, found.request.video),
        (request.state, found.request.state),
    ):
        assert before.keys() == after.keys()
        for key, values in before.items():
            assert after[key].dtype == values.dtype
            np.testing.assert_array_equal(after[key], values)


@pytest.mark.parametrize("dialect", _ALL, ids=_NAMES)
@settings(deadline=None)
@given(
    answer=st.integers(1, 5).flatmap(
        lambda steps: st.dictionaries(
            _KEYS,
            hnp.arrays(np.float32, st.tuples(st.just(steps), st.integers(1, 7))),
            min_size=1,
            max_size=3,
        )
    ),
    batch=st.booleans(),
)
def test_an_answer_survives_the_way(
    dialect: Dialect, answer: dict[str, np.ndarray], batch: bool
) -> None:
    """With its values that are no numbers: whoever reads it judges them."""
    reply = dialect.layout.write_answer(answer, batch=batch)
    found = dialect.layout.read_answer(dialect.codec.unpack(dialect.codec.pack(reply)))
    assert found.keys() == answer.keys()
    for key, rows in answer.items():
        np.testing.assert_array_equal(found[key], rows)


def test_every_prompt_reaches_n15_as_a_plain_text_in_a_batch() -> None:
    """A list would be rendered with brackets, a text as its first letter."""
    profile = profile_of(Generation.N15)
    data = N15.layout.write_observation(make_request(profile, np.zeros(6)), ("annotation.task",))
    prompt = data["annotation.task"]
    assert isinstance(prompt, np.ndarray)
    assert prompt.tolist() == ["None"]
    assert data["video.image_cam_0"].shape == (1, 1, 224, 224, 3)
    assert data["state.arm_0"].shape == (1, 1, 6)
    assert data["state.arm_0"].dtype == np.float32


@pytest.mark.parametrize("prompt", ["pick", ["pick"], [["pick"]], np.array([["pick"]])])
def test_a_server_reads_every_form_of_a_prompt(prompt: Any) -> None:
    """Whatever the client made of it."""
    data = {"state.arm": np.zeros((1, 6)), "annotation.human.task": prompt}
    assert N15.layout.read_observation(data).request.prompt == "pick"


def test_n15_answers_in_the_clients_shape() -> None:
    """The state alone decides, as in upstream's policy."""
    for shape, batch in (((6,), False), ((1, 6), False), ((1, 1, 6), True)):
        found = N15.layout.read_observation({"state.arm": np.zeros(shape)})
        assert found.batched is batch
        assert found.request.state["arm"].shape == (6,)
    rows = np.zeros((16, 6))
    assert N15.layout.write_answer({"arm": rows}, batch=True)["action.arm"].shape == (1, 16, 6)
    assert N15.layout.write_answer({"arm": rows}, batch=False)["action.arm"].shape == (16, 6)


def test_a_squeezed_gripper_is_a_column() -> None:
    """Releases of before September 2025 leave out sides of length 1."""
    answer = N15.layout.read_answer({"action.gripper": np.arange(16.0)})
    assert answer["gripper"].shape == (16, 1)


@pytest.mark.parametrize(
    ("dialect", "reply", "complaint"),
    [
        (N15, [{"arm": np.zeros((1, 16, 6))}, {}], "N1.5 answers a map, got a list of 2"),
        (N15, {"arm": np.zeros((16, 6))}, "no key begins with 'action.': it is a map with arm"),
        (N15, {}, "a map with nothing"),
        (N15, {"action.arm": [[0.0]]}, "action.arm is a list of 1, not a table of numbers"),
        (N15, {"action.arm": np.array(["a"])}, "not a table of numbers"),
        (N15, {"action.arm": np.zeros((2, 16, 6))}, r"the shape \(2, 16, 6\)"),
        (N15, {"action.arm": np.zeros((16, 0))}, r"the shape \(16, 0\)"),
        (N16, {"action.arm": np.zeros((16, 6))}, "a map with action.arm"),
        (N17, [], "got a list of 0"),
        (N17, [{}, {}], "the action is empty"),
        (N17, None, "got None"),
    ],
)
def test_a_reply_that_is_no_action_is_refused(dialect: Dialect, reply: Any, complaint: str) -> None:
    """The message says what it is instead."""
    with pytest.raises(GrootError, match=complaint):
        dialect.layout.read_answer(reply)


def _nested(**parts: Any) -> Any:
    part = {"video": {}, "state": {}, "language": {}, **parts}
    return {"observation": part, "options": None}


@pytest.mark.parametrize(
    ("dialect", "data", "complaint"),
    [
        (N15, None, "whose observations are flat; the client sent None"),
        (N15, _nested(), "as those of N1.6 and N1.7 do"),
        (N15, {"video.a": np.zeros((2, 2, 3))}, "RGB pixels of type uint8, got float64"),
        (N15, {"video.a": np.zeros((2, 2, 4), np.uint8)}, "RGB pixels"),
        (N15, {"video.a": np.zeros((2, 2, 2, 3), np.uint8)}, "one moment of one robot"),
        (N15, {"video.a": b"jpeg"}, "must be an array"),
        (N15, {"state.a": np.zeros((3, 1, 6))}, "one moment of one robot"),
        (N15, {"state.a": np.array(["x"])}, "state.a must be numbers"),
        (N15, {"annotation.a": ["x", "y"]}, "annotation.a must be one text, got a list of 2"),
        (N16, {"state.a": np.zeros(6)}, "the client sent a map with state.a, as those of N1.5"),
        (N16, {"observation": {"video": {}, "state": {}}}, "the observation's language must be"),
        (N17, _nested(state={"a": np.zeros((1, 1, 6))}), "state.a must be float32, got float64"),
        (N17, _nested(video={3: np.zeros(3)}), "the observation's video must be a map"),
    ],
)
def test_a_request_that_is_none_is_refused(dialect: Dialect, data: Any, complaint: str) -> None:
    """The client reads what its observation should be."""
    with pytest.raises(GrootError, match=complaint):
        dialect.layout.read_observation(data)


@pytest.mark.parametrize("dialect", _ALL, ids=_NAMES)
@settings(deadline=None)
@given(data=st.binary(max_size=200))
def test_no_bytes_do_more_than_be_refused(dialect: Dialect, data: bytes) -> None:
    """Whatever they are."""
    try:
        dialect.codec.unpack(data)
    except GrootError:
        pass


@pytest.mark.parametrize(
    "data",
    [
        b"\xdd\xff\xff\xff\xff",  # a list of four billion
        b"\xdf\xff\xff\xff\xff",  # a map of as many
        b"\xc6\xff\xff\xff\xff",  # four gigabytes that do not come
        b"\x91" * 100_000 + b"\xc0",  # lists in lists in lists
        b"\xdc\xff\xff" * 40_000,
        b"\xd4\x05x",  # an extension
        b"\x81\x90\x00",  # a list as a key
        b"\xa1\xff",  # half a character
        b"\x81\xb8__ModalityConfig_class__\xc3",
        b"\x82\xb8__ModalityConfig_class__\xc3\xa7as_json\xa1{",
        b"\x82\xb2__ModalityConfig__\xc3\xa7as_json\x80",
        b"",
    ],
)
def test_hostile_messages_are_refused(data: bytes) -> None:
    """Before they take memory."""
    with pytest.raises(GrootError):
        N17.codec.unpack(data)


def test_a_claimed_number_of_entries_allocates_nothing() -> None:
    """Five bytes cannot ask for a list of a million."""
    data = b"\xdd" + (10**6).to_bytes(4, "big")
    tracemalloc.start()
    try:
        with pytest.raises(GrootError, match="exceeds max_array_len"):
            N17.codec.unpack(data)
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


_CONTRACT = ModelContract(
    "a test",
    Generation.N15,
    "new_embodiment",
    {"front": (640, 480), "wrist": None},
    {"arm": 5, "gripper": None},
    {"arm": 5, "gripper": 1},
    ("annotation.task",),
    16,
    {"arm": ValueRange(np.full(5, -1.0), np.full(5, 2.0))},
)


@pytest.mark.parametrize("dialect", _ALL, ids=_NAMES)
def test_a_server_tells_keys_and_horizon(dialect: Dialect) -> None:
    """As upstream's do; sizes, dimensions and ranges are not among it."""
    told = modalities_of(_CONTRACT, prefixed=dialect.layout.prefixed)
    found = contract_of(dialect.codec.unpack(dialect.codec.pack(told)), "here", Generation.N16)
    assert found.video == {"front": None, "wrist": None}
    assert found.state == {"arm": None, "gripper": None}
    assert found.action == {"arm": None, "gripper": None}
    assert found.language_keys == ("annotation.task",)
    assert (found.horizon, found.source, found.embodiment_tag) == (16, "here", None)


@pytest.mark.parametrize("dialect", _ALL, ids=_NAMES)
def test_our_contract_survives_the_way(dialect: Dialect) -> None:
    """With everything that upstream does not tell."""
    content = dialect.codec.unpack(dialect.codec.pack(contract_to_json(_CONTRACT)))
    found = contract_from_json(content, "there")
    assert contract_to_json(found) == contract_to_json(_CONTRACT)
    assert found.source == "there"
    assert found.video == _CONTRACT.video
    np.testing.assert_array_equal(found.state_range["arm"].high, np.full(5, 2.0))


@pytest.mark.parametrize(
    "change",
    [
        {"generation": "n99"},
        {"horizon": 0},
        {"horizon": "16"},
        {"video": {"front": [640]}},
        {"video": {3: [640, 480]}},
        {"state": None},
        {"state_range": {"arm": {"low": [0.0]}}},
        {"state_range": {"arm": {"low": [[0.0]], "high": [1.0]}}},
        {"language_keys": 3},
    ],
)
def test_another_contract_is_refused(change: dict[str, Any]) -> None:
    """Named with its source."""
    with pytest.raises(GrootError, match="there holds no contract of a GR00T model"):
        contract_from_json({**contract_to_json(_CONTRACT), **change}, "there")


def test_a_pickled_modality_of_the_forks_is_read() -> None:
    """Its class is not installed here; what it holds is plain."""
    data = bytes.fromhex(
        "800495d4000000000000007d948c06616374696f6e948c1267723030742e646174612e64617461736574948c"
        "0e4d6f64616c697479436f6e6669679493942981947d94288c085f5f646963745f5f947d94288c0d64656c74"
        "615f696e6469636573945d94284b004b01658c0d6d6f64616c6974795f6b657973945d948c0a616374696f6e"
        "2e61726d9461758c125f5f707964616e7469635f65787472615f5f944e8c175f5f707964616e7469635f6669"
        "656c64735f7365745f5f948f94286809680b908c145f5f707964616e7469635f707269766174655f5f944e75"
        "62732e"
    )
    found = UNSAFE_PICKLE.codec.unpack(data)["action"]
    assert (found.keys, found.steps) == (("action.arm",), 2)
    assert dialect_by(found) is UNSAFE_PICKLE


class _Bomb:
    def __reduce__(self) -> Any:
        return exec, ("raise SystemExit('a pickle ran code')",)


@pytest.mark.parametrize("content", [_Bomb(), {"a": [_Bomb()]}, np.array([_Bomb()], dtype=object)])
def test_a_pickle_that_wants_more_than_arrays_is_refused(content: Any) -> None:
    """Even where pickles are allowed."""
    with pytest.raises(GrootError, match=r"wants builtins.exec: only arrays"):
        UNSAFE_PICKLE.codec.unpack(pickle.dumps(content))


def test_styles_are_told_apart_by_more_than_their_marker() -> None:
    """N1.5 and N1.6 share it."""
    assert ModalityStyle.TEXT.marker == ModalityStyle.MAP.marker
    assert len(set(ModalityStyle)) == 3
