// SPDX-License-Identifier: GPL-2.0-or-later
// How the network learns. That it becomes good takes hours and is no matter of a test.
#include "inference/matting.hpp"
#include "inference/scripted_executor.hpp"
#include "inference/training/in_parts.hpp"
#include "inference/training/recipe.hpp"
#include "inference/training/trainer.hpp"
#include "inference/training/validation.hpp"
#include "discs.hpp"
#include "program.hpp"

#include <cmath>
#include <cstdlib>
#include <limits>

#include <gmock/gmock.h>

namespace matting::training {
namespace {

using testing::HasSubstr;

Stage mixing(Stage stage, int batches)
{
	stage.mixture.batches = batches;
	return stage;
}

class TrainerOn : public FolderTest, public testing::WithParamInterface<const char *> {
protected:
	void SetUp() override
	{
		try {
			device_ = libtorch_device(GetParam()).device;
		} catch (const Error &error) {
			if (std::getenv(
				    "MATTING_REQUIRE_CUDA")) // there is a card, and skipping would hide what is wrong
				throw;
			GTEST_SKIP() << error.what();
		}
	}

	torch::jit::Module network() const
	{
		torch::jit::Module network = fresh_network();
		network.to(device_);
		return network;
	}

	at::Device device_ = at::kCPU;
};
INSTANTIATE_TEST_SUITE_P(Trainer, TrainerOn, testing::Values("cpu", "cuda"),
			 [](const auto &test) { return std::string(test.param); });

TEST_P(TrainerOn, LearnsOneBatchByHeart)
{
	const auto always_the_same = [](uint64_t, const Crops &crops) {
		return draw_discs(0, crops);
	};
	Trainer trainer(network(), plan_of({{Lesson::coarse, small_pictures, 1, 3e-3}}, 20), always_the_same);
	const std::vector<double> all = losses(trainer, 20);
	EXPECT_LT(all.back(), all.front() / 2);
	EXPECT_TRUE(trainer.is_done());
}

TEST_P(TrainerOn, LearnsPatchesAndGoesOn)
{
	BatchPlan patches = small_pictures;
	patches.width = patches.height = 256;
	const TrainingPlan plan = plan_of({mixing({Lesson::refiner, patches, 1, 0.02, Method::muon}, 2)}, 3);
	Trainer trainer(network(), plan, draw_discs);
	EXPECT_EQ(trainer.batches_to_collect(), 1);
	EXPECT_TRUE(trainer.collect());
	EXPECT_FALSE(trainer.collect());
	trainer.step();
	trainer.save(path("training"));
	const auto resumed = Trainer::resume(path("training"), draw_discs, std::nullopt, device_);
	losses(*resumed, 2);
	EXPECT_TRUE(resumed->is_done());
	const auto frame = [](int number) {
		return draw_disc(static_cast<uint64_t>(number), 128, 128);
	};
	const Validation validation = validate(resumed->average(), frame, 2);
	EXPECT_TRUE(std::isfinite(validation.error));
	EXPECT_TRUE(validation.sheet.device().is_cpu());
}

class TrainerFiles : public FolderTest {};

TEST_F(TrainerFiles, ResumedItIsTheSameToTheLastBit)
{
	BatchPlan patches = small_pictures;
	patches.width = patches.height = 768; // large enough for two exercises
	const TrainingPlan plan = plan_of({{Lesson::coarse, small_pictures, 0.5, 1e-3, Method::adamw, 0, 0.5},
					   {Lesson::coarse, small_pictures, 0.25, 1e-3, Method::adamw, 0.5, 1},
					   mixing({Lesson::refiner, patches, 0.25, 0.02, Method::muon}, 3)},
					  8);
	Trainer uninterrupted(fresh_network(), plan, draw_discs);
	const std::vector<double> expected = losses(uninterrupted, 8);
	ASSERT_EQ(expected.size(), 8);

	auto trainer = std::make_unique<Trainer>(fresh_network(), plan, draw_discs);
	std::vector<double> all;
	for (const int until_next_stop : {3, 1, 1, 2, 1}) { // once in each stage, once between two
		for (const double loss : losses(*trainer, until_next_stop))
			all.push_back(loss);
		trainer->save(path("training"));
		trainer = Trainer::resume(path("training"), draw_discs, std::nullopt);
	}
	EXPECT_EQ(all, expected);
	EXPECT_TRUE(trainer->is_done());
	const StateDict average = state_dict(trainer->average());
	for (const auto &[name, tensor] : state_dict(uninterrupted.average()))
		EXPECT_TRUE(at::equal(average.at(name), tensor)) << name;
}

TEST_F(TrainerFiles, SmallOnesGoOnFromTheAverage)
{
	TrainingPlan plan = plan_of({{Lesson::coarse, small_pictures, 1, 1e-3}}, 40);
	plan.average_decay = 0.9;
	Trainer large(fresh_network(), plan, draw_discs);
	large.save(path("large"));
	plan.saves_average_only = true;
	Trainer trainer(fresh_network(), plan, draw_discs);
	losses(trainer, 20);
	trainer.save(path("training"));
	const auto bytes = [&](const char *name) {
		return read_from_parts(path(name)).size();
	};
	EXPECT_LT(bytes("training"), 0.3 * static_cast<double>(bytes("large")));

	const auto resumed = Trainer::resume(path("training"), draw_discs, std::nullopt);
	const StateDict average = state_dict(resumed->average());
	for (const auto &[name, tensor] : state_dict(trainer.average()))
		EXPECT_TRUE(at::equal(average.at(name), tensor)) << name;
	EXPECT_LT(resumed->step().learning_rate, 0.6 * trainer.step().learning_rate) << "it does not warm up";
	EXPECT_EQ(resumed->step().learning_rate, trainer.step().learning_rate);
	EXPECT_EQ(losses(*resumed, 100).size(), 18);
	EXPECT_TRUE(resumed->is_done());
}

TEST_F(TrainerFiles, ResumedItEndsWhenItIsToldTo)
{
	TrainingPlan plan = plan_of({{Lesson::coarse, small_pictures, 0.5}, {Lesson::coarse, small_pictures, 0.5}}, 0);
	plan.seconds = 1000;
	plan.seed = 7;
	Trainer trainer(fresh_network(), plan, draw_discs);
	losses(trainer, 2);
	trainer.save(path("training"));
	const auto resumed = Trainer::resume(path("training"), draw_discs, 50);
	EXPECT_NEAR(resumed->seconds_left() + resumed->position().seconds, 50, 1e-6);
	EXPECT_EQ(resumed->plan().seed, 7);
}

TEST(Trainer, TakesAsManyStepsAsItIsTold)
{
	const Stage third{Lesson::coarse, small_pictures, 0.35}, rest{Lesson::coarse, small_pictures, 0.3};
	Trainer trainer(fresh_network(), plan_of({third, third, rest}, 10), draw_discs);
	EXPECT_EQ(losses(trainer, 100).size(), 10);
}

TEST_F(TrainerFiles, AreInPartsThatAreNeverMixedUp)
{
	const std::filesystem::path list = path("list");
	write_in_parts(list, "0123456789", 4);
	EXPECT_EQ(read_from_parts(list), "0123456789");
	EXPECT_EQ(read_file(path("list.a3")), "89");
	write_in_parts(list, "abcde", 4);
	EXPECT_EQ(read_from_parts(list), "abcde");
	EXPECT_FALSE(std::filesystem::exists(path("list.a1")));
	write_file(path("list.a1"), "0123"); // as if it had been interrupted
	EXPECT_EQ(read_from_parts(list), "abcde");
	write_in_parts(list, "", 4);
	EXPECT_EQ(read_from_parts(list), "");
	write_in_parts(list, "abcde", 4);
	EXPECT_FALSE(std::filesystem::exists(path("list.a1")));
	write_file(path("list.b2"), "f");
	try {
		read_from_parts(list);
		FAIL() << "it was taken";
	} catch (const Error &error) {
		EXPECT_THAT(error.what(), HasSubstr("list.b2 is not the part"));
	}
	std::filesystem::remove(path("list.b2"));
	EXPECT_THROW(read_from_parts(list), Error);
}

TEST_F(TrainerFiles, RefusesWhatIsNoCheckpoint)
{
	write_file(path("training"), "something else");
	try {
		Trainer::resume(path("training"), draw_discs, std::nullopt);
		FAIL() << "it was taken";
	} catch (const Error &error) {
		EXPECT_THAT(error.what(), HasSubstr("damaged or not a checkpoint"));
	}
}

TEST(Trainer, StopsWhenTheLossIsNotANumber)
{
	const auto broken = [](uint64_t first, const Crops &crops) {
		Samples samples = draw_discs(first, crops);
		samples.source.fill_(std::numeric_limits<float>::quiet_NaN());
		return samples;
	};
	Trainer trainer(fresh_network(), plan_of({{Lesson::coarse, small_pictures}}, 4), broken);
	try {
		trainer.step();
		FAIL() << "it went on";
	} catch (const Error &error) {
		EXPECT_THAT(error.what(), HasSubstr("the loss of step 1 is not a number"));
	}
	for (const auto &[name, tensor] : state_dict(trainer.average()))
		EXPECT_TRUE(tensor.isfinite().all().item<bool>()) << name;
}

TEST(Recipe, ShortTrainingsCollectFewPictures)
{
	TrainingPlan minutes = tuning_recipe(), steps = tuning_recipe(), hours = tuning_recipe();
	const Stage usual = hours.stages.back();
	ASSERT_EQ(usual.lesson, Lesson::refiner);
	set_length(steps, 4, 0);
	EXPECT_EQ(steps.stages.back().mixture.batches, 1);
	set_length(minutes, 0, 60);
	EXPECT_EQ(minutes.stages.back().mixture.batches, static_cast<int>(usual.share * 60 / 4));
	set_length(hours, 0, 7200);
	EXPECT_EQ(hours.stages.back().mixture.batches, usual.mixture.batches);
	EXPECT_EQ(hours.stages.front().mixture.batches, 1);
}

TEST(Recipe, ACardTakesMoreAtATime)
{
	const TrainingPlan usual = tuning_recipe();
	TrainingPlan plan = usual;
	fit_card(plan);
	EXPECT_EQ(plan.learners, 1);
	EXPECT_TRUE(plan.is_mixed);
	for (size_t i = 0; i < plan.stages.size(); i++) {
		const Stage &stage = plan.stages[i], &before = usual.stages[i];
		EXPECT_GT(stage.batches.batch, before.batches.batch);
		if (stage.lesson == Lesson::refiner) {
			EXPECT_EQ(stage.batches.batch * stage.mixture.batches,
				  before.batches.batch * before.mixture.batches);
		}
	}
}

TEST(BatchStream, DeliversInOrderAndPassesErrorsOn)
{
	BatchPlan plan = small_pictures;
	plan.first_sample = 40;
	BatchStream stream(draw_discs, plan, 2);
	for (uint64_t number = 0; number < 6; number++)
		EXPECT_TRUE(at::equal(stream.next().source, make_batch(draw_discs, plan, number).source));

	BatchStream failing([](uint64_t, const Crops &) -> Samples { throw Error("no paint"); }, plan, 2);
	EXPECT_THROW(failing.next(), Error);
}

TEST(BatchStream, TakesOneScaleAfterTheOtherWhereverItBegins)
{
	BatchPlan plan = small_pictures;
	plan.scales = {1, 1.5, 2};
	const auto sizes = [&](uint64_t first_batch) {
		plan.first_sample = first_batch * static_cast<uint64_t>(plan.batch);
		std::vector<int64_t> result;
		for (uint64_t number = 0; number < 4; number++)
			result.push_back(make_batch(draw_discs, plan, number).source.size(3));
		return result;
	};
	EXPECT_THAT(sizes(0), testing::ElementsAre(64, 96, 128, 64));
	EXPECT_THAT(sizes(2), testing::ElementsAre(128, 64, 96, 128));
	EXPECT_EQ(sizes_text(plan), "64x64 to 128x128");
}

TEST(BatchStream, TakesOnePixelOfFourOfPicturesDrawnTwiceAsLarge)
{
	BatchPlan plan = small_pictures;
	plan.batch = 1;
	double frame_height = 0;
	const auto source = [&](uint64_t first, const Crops &crops) {
		frame_height = crops.frame_heights.at(0);
		return draw_discs(first, crops);
	};
	make_batch(source, plan, 3);
	const double as_drawn = frame_height;
	plan.stride = 2;
	const Batch batch = make_batch(source, plan, 3);
	EXPECT_DOUBLE_EQ(frame_height, 2 * as_drawn);
	const at::Tensor large = draw_disc(3, 128, 128).source;
	EXPECT_TRUE(at::equal(batch.source[0], large.slice(1, 0, at::nullopt, 2).slice(2, 0, at::nullopt, 2)));
	EXPECT_EQ(batch.alpha.sizes(), (at::IntArrayRef{1, 1, 64, 64}));
}

} // namespace
} // namespace matting::training
