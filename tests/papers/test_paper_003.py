"""Paper 003: its cells beside ours, and the inputs that it must have been run on."""

import pytest
import torch

from parity.papers.experiments import paper_003
from parity.papers.trainings.data import material
from reports.papers.record import PaperFigure

KEY = ("MSELoss", "plain")


def figures(subject, reference):
    """One row whose cells are off the paper's torch.nn by so many of its deviations."""
    return [
        PaperFigure(
            paper="003",
            table="Table 2",
            row="plain",
            column=column,
            statistic="mean",
            runs=20,
            printed="",
            printed_reference="",
            reference=mean + reference * std,
            reference_std=std,
            subject=mean + subject * std,
            subject_std=std,
        )
        for column, (mean, std) in zip(paper_003.COLUMNS, paper_003.PRINTED[KEY][1], strict=True)
    ]


@pytest.mark.parametrize(("subject", "holds"), [(0.9, True), (-0.9, True), (1.2, False)])
def test_both_sides_must_come_to_the_same(subject, holds):
    gates = list(paper_003.alike(KEY, figures(subject, 0.0)))
    assert [gate.verdict for gate in gates] == ["pass" if holds else "fail"] * 4


def test_the_page_counts_the_cells_within_a_deviation():
    choice = paper_003.explained({KEY: figures(0.9, 1.1)})
    assert "are 4 of 4 cells of ours, and 0 of those of torch.nn" in choice.text


def test_the_inputs_are_standardised_by_the_training_points():
    data = material(paper_003.BASE, 3)
    assert torch.allclose(data.train.x.mean(0), torch.zeros(2), atol=1e-5)
    assert torch.allclose(data.train.x.std(0), torch.ones(2), atol=1e-5)
    assert 0 < float(data.test.x.mean(0).abs().max()) < 0.1
