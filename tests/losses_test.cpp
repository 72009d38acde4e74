// SPDX-License-Identifier: GPL-2.0-or-later
// What the network is to learn, and how its errors are measured.
#include "inference/training/losses.hpp"
#include "inference/training/metrics.hpp"

#include <gmock/gmock.h>
#include <torch/script.h>

namespace matting::training {
namespace {

// ---- Losses

TEST(MattingLoss, CountsColoursMostWhereHalfIsTransparent)
{
	const at::Tensor alpha = torch::tensor({0.f, 0.5f, 1.f}).view({1, 1, 1, 3}),
			 colour = at::full({1, 3, 1, 3}, 0.4);
	const auto loss = [&](double mixed_colours) {
		return matting_loss(alpha, colour + 0.1, alpha, colour, mixed_colours).flatten();
	};
	EXPECT_TRUE(at::allclose(loss(0), torch::tensor({0.f, 0.1f, 0.1f}), 0, 1e-6));
	EXPECT_TRUE(at::allclose(loss(8), torch::tensor({0.f, 0.9f, 0.1f}), 0, 1e-6));
}

// ---- Metrics

at::Tensor left_half(int64_t width, int64_t height)
{
	return at::arange(width).lt(width / 2).to(at::kFloat).expand({1, height, width}).contiguous();
}

TEST(AlphaError, OfAConstantDifferenceIsThatDifference)
{
	const at::Tensor truth = at::full({1, 40, 60}, 0.5);
	const AlphaError error = alpha_error(truth + 0.1, truth);
	EXPECT_NEAR(error.mad, 100, 1e-3);
	EXPECT_NEAR(error.mse, 10, 1e-3);
	EXPECT_NEAR(error.gradient, 0, 1e-6);
	EXPECT_EQ(error.edge_mad, 0); // there is no edge
}

TEST(AlphaError, AtEdgesCountsTheBandOnly)
{
	const at::Tensor truth = left_half(100, 50);
	const at::Tensor band = edge_band(truth);
	EXPECT_EQ(band.sum().item<int64_t>(), 20 * 50);
	EXPECT_TRUE(band.slice(2, 40, 60).all().item<bool>());

	at::Tensor alpha = truth.clone();
	alpha.slice(2, 0, 20).fill_(0.5); // far from the edge
	EXPECT_NEAR(alpha_error(alpha, truth).mad, 100, 1e-3);
	EXPECT_EQ(alpha_error(alpha, truth).edge_mad, 0);
	alpha = truth.clone();
	alpha.slice(2, 50, 55).fill_(1); // the edge at the wrong place
	const AlphaError error = alpha_error(alpha, truth);
	EXPECT_NEAR(error.mad, 50, 1e-3);
	EXPECT_NEAR(error.edge_mad, 250, 1e-3);
	EXPECT_GT(error.gradient, 0.01);
	EXPECT_NEAR(error.edge_gradient, error.gradient, error.gradient / 100);
}

TEST(AlphaError, OfTheTruthIsNothing)
{
	const at::Tensor truth = left_half(64, 64);
	const AlphaError error = alpha_error(truth, truth);
	for (const double figure : {error.mad, error.mse, error.gradient, error.edge_mad, error.edge_gradient})
		EXPECT_EQ(figure, 0);
}

} // namespace
} // namespace matting::training
