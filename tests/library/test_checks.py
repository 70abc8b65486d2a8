"""The checks hold when they should, and fail when they should."""

import numpy as np
import pytest
import torch
from torch import nn

from course_utils.checks import (
    assert_differ,
    assert_same,
    copy_weights,
    numerical_gradient,
    relative_error,
    verdict,
)

A = np.arange(12.0).reshape(3, 4)


def test_equal_arrays_print_one_line_with_their_names_and_shape(capsys):
    assert_same(window=A, convolution=torch.tensor(A))
    assert capsys.readouterr().out == "window = convolution   3 × 4 values, differences below 1e-12\n"


def test_a_transposed_square_array_is_not_the_same():
    square = np.arange(9.0).reshape(3, 3)
    with pytest.raises(AssertionError, match=r"mine and other differ: mine\[0, 2\] = 2, other\[0, 2\] = 6"):
        assert_same(mine=square, other=square.T)


def test_another_shape_is_not_the_same_even_where_it_would_broadcast():
    with pytest.raises(AssertionError, match=r"mine has shape \(3, 4\), other has shape \(1, 4\)"):
        assert_same(mine=A, other=A[:1])


def test_a_small_difference_fails_and_a_rounding_error_does_not():
    assert_same(a=A, b=A * (1 + 1e-15))
    with pytest.raises(AssertionError, match="tolerance 1e-12"):
        assert_same(a=A, b=A * (1 + 1e-9))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nan_and_infinity_are_never_the_same(bad):
    with pytest.raises(AssertionError, match="NaN or infinity"):
        assert_same(a=np.array([bad]), b=np.array([bad]))


def test_one_array_alone_cannot_be_compared():
    with pytest.raises(TypeError, match="two or more"):
        assert_same(a=A)


def test_arrays_that_should_differ_but_agree_fail(capsys):
    assert_differ(a=A, b=A + 1)
    assert "a ≠ b" in capsys.readouterr().out
    with pytest.raises(AssertionError, match=r"agree to 0\.001"):
        assert_differ(a=A, b=A + 1e-9)


def test_the_numerical_gradient_of_a_cubic_is_three_x_squared():
    x = np.random.default_rng(0).standard_normal((2, 3))
    kept = x.copy()
    gradient = numerical_gradient(lambda x: float((x**3).sum()), x)
    assert relative_error(gradient, 3 * kept**2) < 1e-9
    assert (x == kept).all()


def test_the_numerical_gradient_refuses_float32():
    with pytest.raises(TypeError, match="float64"):
        numerical_gradient(lambda x: float(x.sum()), np.ones(2, np.float32))


def test_the_relative_error_of_a_wrong_sign_is_one():
    assert relative_error(A, A) == 0
    assert relative_error(np.array([2.0]), np.array([-2.0])) == 1


def test_copied_weights_make_a_layer_compute_the_same_product():
    rng = np.random.default_rng(0)
    W, b, x = rng.standard_normal((4, 2)), rng.standard_normal(2), rng.standard_normal((3, 4))
    layer = copy_weights(nn.Linear(4, 2).double(), weight=W.T, bias=b)
    assert_same(ours=x @ W + b, torch=layer(torch.tensor(x)))


def test_weights_of_a_wrong_shape_or_name_are_refused():
    with pytest.raises(ValueError, match=r"weight expects shape \(2, 4\), got \(4, 2\)"):
        copy_weights(nn.Linear(4, 2), weight=np.zeros((4, 2)))
    with pytest.raises(KeyError, match="it has weight, bias"):
        copy_weights(nn.Linear(4, 2), weights=np.zeros((2, 4)))


def test_a_criterion_that_does_not_hold_stops():
    verdict("two is two", True)
    with pytest.raises(AssertionError, match="one is two: does not hold"):
        verdict("one is two", False)
