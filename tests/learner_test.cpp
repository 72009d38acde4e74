// SPDX-License-Identifier: GPL-2.0-or-later
#include "discs.hpp"

#include <gtest/gtest.h>

namespace matting::training {
namespace {

TEST(Learner, TheRefinerBeginsByPassingThrough)
{
	const torch::NoGradGuard no_grad;
	torch::jit::Module network = fresh_network();
	EXPECT_TRUE(refiner_is_untrained(network));
	network.setattr("refine_mode", std::string("full"));
	const Sample sample = draw_disc(0, 64, 64);
	const auto outputs = network.forward({sample.source.unsqueeze(0), sample.background.unsqueeze(0)}).toTuple();
	const auto output = [&](size_t i) {
		return outputs->elements()[i].toTensor();
	};
	// The refiner computes at half the resolution, and doubles it.
	const at::Tensor half = at::upsample_bilinear2d(output(2), {32, 32}, false);
	EXPECT_TRUE(at::allclose(output(0), at::upsample_nearest2d(half, {64, 64}), 0, 1e-5));
}

TEST(Learner, ALessonChangesItsOwnPartsOnly)
{
	BatchPlan patches = small_pictures;
	patches.width = patches.height = 128;
	const torch::jit::Module network = fresh_network();
	Trainer trainer(network, plan_of({{Lesson::refiner, patches}}, 2), draw_discs);
	losses(trainer, 2);
	const StateDict before = state_dict(network), after = state_dict(trainer.average());
	for (const auto &[name, tensor] : before)
		if (!name.starts_with("refiner.")) {
			EXPECT_TRUE(at::equal(tensor, after.at(name))) << name;
		}
	EXPECT_FALSE(at::equal(before.at("refiner.conv4.weight"), after.at("refiner.conv4.weight")));
}

class MixedLearner : public testing::TestWithParam<Lesson> {};
INSTANTIATE_TEST_SUITE_P(Learner, MixedLearner, testing::Values(Lesson::coarse, Lesson::tuning, Lesson::refiner));

// A processor computes in bfloat16, too, slowly.
TEST_P(MixedLearner, LearnsAboutWhatAPreciseOneDoes)
{
	BatchPlan pictures = small_pictures;
	pictures.batch = 2;
	if (GetParam() == Lesson::refiner)
		pictures.width = pictures.height = 256;
	const Batch batch = make_batch(draw_discs, pictures, 0);
	const auto loss = [&](bool is_mixed) {
		Learner learner(fresh_network(), is_mixed);
		learner.begin(GetParam(), {});
		learner.take(batch);
		const Lecture lecture = learner.study(0);
		EXPECT_EQ(lecture.loss.scalar_type(), at::kFloat);
		lecture.loss.backward();
		for (const auto &[name, parameter] : learner.parameters()) {
			if (!parameter.grad().defined()) // the auxiliary head's
				continue;
			EXPECT_EQ(parameter.grad().scalar_type(), at::kFloat) << name;
			EXPECT_TRUE(parameter.grad().isfinite().all().item<bool>()) << name;
		}
		return lecture.loss.item<double>();
	};
	const double precise = loss(false), mixed = loss(true);
	EXPECT_NE(mixed, precise);
	EXPECT_NEAR(mixed, precise, 0.03 * precise);
}

TEST(Optimizer, MuonMovesAMatrixByOneOfOrthonormalRows)
{
	at::Tensor weight = at::zeros({4, 3, 3, 3}), bias = at::zeros(4);
	weight.mutable_grad() = at::arange(108, at::kFloat).square().sin().view(weight.sizes());
	bias.mutable_grad() = at::ones(4);
	Optimizer optimizer({{"weight", weight}, {"bias", bias}}, Method::muon, 0);
	optimizer.step(1, 100);
	const at::Tensor lengths =
		at::linalg_svdvals(weight.flatten(1)); // Jordan's coefficients aim between 0.7 and 1.2
	EXPECT_GT(lengths.min().item<double>(), 0.6);
	EXPECT_LT(lengths.max().item<double>(), 1.3);
	EXPECT_LT((weight * weight.grad()).sum().item<double>(), 0);
	EXPECT_TRUE(at::allclose(bias, at::full(4, -0.2), 0, 1e-5));
	EXPECT_TRUE(optimizer.state().contains("optimizer.momentum.weight"));
}

} // namespace
} // namespace matting::training
