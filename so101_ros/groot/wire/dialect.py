"""The languages of GR00T's servers.

=======  ========  =============  ==============================  ===============
dialect  layout    arrays         modality                        spoken by
=======  ========  =============  ==============================  ===============
n15      flat      .npy           __ModalityConfig_class__, text  N1.5 since September 2025
n16      nested    .npy           __ModalityConfig_class__, map   N1.6, first N1.7
n17      nested    msgpack_numpy  __ModalityConfig__, map         N1.7
pickle   flat      pickled        pickled                         phospho's servers of N1.5
=======  ========  =============  ==============================  ===============
"""

from dataclasses import dataclass

from so101_ros.groot.model_contract import Generation
from so101_ros.groot.wire.codec import ArrayForm, Codec, MsgpackCodec
from so101_ros.groot.wire.layout import FlatLayout, Layout, NestedLayout
from so101_ros.groot.wire.modality import Modality, ModalityStyle
from so101_ros.groot.wire.unsafe_pickle import PickleCodec


@dataclass(frozen=True, slots=True)
class Dialect:
    """How to speak to one kind of server.

    Attributes:
        name: For messages.
        generations: Releases whose servers speak it; the usual one first.
        codec: Bytes.
        layout: What stands where.
    """

    name: str
    generations: tuple[Generation, ...]
    codec: Codec
    layout: Layout


N15 = Dialect(
    "n15", (Generation.N15,), MsgpackCodec(ArrayForm.NPY, ModalityStyle.TEXT), FlatLayout()
)
N16 = Dialect(
    "n16",
    (Generation.N16, Generation.N17),  # its first servers, of April 2026, spoke like N1.6's
    MsgpackCodec(ArrayForm.NPY, ModalityStyle.MAP),
    NestedLayout(),
)
N17 = Dialect(
    "n17",
    (Generation.N17,),
    MsgpackCodec(ArrayForm.MSGPACK_NUMPY, ModalityStyle.NEW_MAP),
    NestedLayout(),
)
UNSAFE_PICKLE = Dialect("pickle", (Generation.N15,), PickleCodec(), FlatLayout())

_BY_GENERATION = {Generation.N15: N15, Generation.N16: N16, Generation.N17: N17}

_BY_STYLE = {
    ModalityStyle.TEXT: N15,
    ModalityStyle.MAP: N16,
    ModalityStyle.NEW_MAP: N17,
    None: UNSAFE_PICKLE,
}


def dialect_of(generation: Generation, *, unsafe_pickle: bool = False) -> Dialect:
    """Tell how servers of a release speak.

    Args:
        generation: The release.
        unsafe_pickle: Whether phospho's servers are meant, where there are any.
    """
    pickled = unsafe_pickle and generation in UNSAFE_PICKLE.generations
    return UNSAFE_PICKLE if pickled else _BY_GENERATION[generation]


def dialect_by(modality: Modality) -> Dialect:
    """Recognise a server by how it writes a modality.

    Args:
        modality: From its reply to ``get_modality_config``.
    """
    return _BY_STYLE[modality.style]
