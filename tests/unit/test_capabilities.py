"""What a cluster can do, from its own answers."""

from __future__ import annotations

from typing import Any

import pytest

from stack.capabilities import KNN, LTR, NEURAL_SEARCH, OFFICIAL_HOME, Capabilities, capabilities_of

INFO = {"version": {"number": "3.5.0", "distribution": "opensearch", "build_type": "tar"}}
LIBRARIES = "-Djava.library.path=/usr/share/opensearch/plugins/opensearch-knn/lib"


def node(*plugins: str, home: str = "/engine", arguments: tuple[str, ...] = ("-Xmx1g",)) -> dict[str, Any]:
    return {
        "plugins": [{"name": name} for name in plugins],
        "jvm": {"input_arguments": list(arguments)},
        "settings": {"path": {"home": home}},
    }


def read(*nodes: dict[str, Any], initialised: tuple[bool, ...] = ()) -> Capabilities:
    stats = {str(number): {"faiss_initialized": flag} for number, flag in enumerate(initialised)}
    return capabilities_of(INFO, {"nodes": {str(n): each for n, each in enumerate(nodes)}}, {"nodes": stats})


def test_maven_assembly_can_knn_only() -> None:
    assert read(node(KNN), initialised=(False,)) == Capabilities(
        "3.5.0", "opensearch", (KNN,), knn=True, hybrid=False, ltr=False, faiss=False
    )


def test_official_image_can_all() -> None:
    found = read(node(KNN, NEURAL_SEARCH, LTR, home=OFFICIAL_HOME))
    assert (found.knn, found.hybrid, found.ltr, found.faiss) == (True, True, True, True)


def test_a_plugin_that_one_node_lacks_does_not_count() -> None:
    found = read(node(KNN, NEURAL_SEARCH), node(KNN, LTR))
    assert found.plugins == (KNN,)
    assert (found.knn, found.hybrid, found.ltr) == (True, False, False)


@pytest.mark.parametrize(
    ("nodes", "initialised", "faiss"),
    [
        ([node(KNN)], (True,), True),
        ([node(KNN, arguments=(LIBRARIES,))], (False,), True),
        ([node(KNN, arguments=("-Djava.library.path=/opt/other",))], (), False),
        ([node(KNN, home=OFFICIAL_HOME)], (), False),  # a Maven assembly put where the official one lies
        ([node(KNN, NEURAL_SEARCH, home="/home/me/opensearch")], (), False),  # started without its entry point
        ([node(KNN), node(KNN)], (True, False), False),  # one node that dies is one too many
        ([node(KNN, arguments=(LIBRARIES,)), node(KNN)], (False, True), True),
        ([node()], (), False),
        ([node(arguments=(LIBRARIES,))], (), False),
        ([], (), False),
    ],
)
def test_faiss_needs_a_sign_on_every_node(
    nodes: list[dict[str, Any]], initialised: tuple[bool, ...], faiss: bool
) -> None:
    assert read(*nodes, initialised=initialised).faiss is faiss
