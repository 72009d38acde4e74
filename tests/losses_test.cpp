// SPDX-License-Identifier: GPL-2.0-or-later
// What the network is to learn.
#include "inference/training/losses.hpp"

#include <gmock/gmock.h>
#include <torch/script.h>

namespace matting::training {
namespace {

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

} // namespace
} // namespace matting::training
