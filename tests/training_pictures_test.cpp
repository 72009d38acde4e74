// SPDX-License-Identifier: GPL-2.0-or-later
#include "inference/training/drawing/camera.hpp"
#include "inference/training/drawing/generator.hpp"

#include <thread>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace matting::training {
namespace {

const Crops small{96, 64, {128}};

GeneratorSettings few_pictures(uint64_t seed)
{
	GeneratorSettings settings;
	settings.seed = seed;
	settings.sprites = 6;
	settings.rooms = 3;
	return settings;
}

// Drawing is what takes long; all tests share what one generator has drawn.
const Generator &shared_generator()
{
	static const auto generator = make_generator(few_pictures(1));
	return *generator;
}

Sample shared_sample(uint64_t index)
{
	return shared_generator().make(index, small)[0];
}

bool are_equal(const Sample &one, const Sample &other)
{
	return one.source.equal(other.source) && one.background.equal(other.background) &&
	       one.alpha.equal(other.alpha) && one.foreground.equal(other.foreground);
}

TEST(TrainingPictures, HaveTheShapesAndRangesThatTheHeaderSays)
{
	for (uint64_t index = 0; index < 60; index++) {
		const Sample sample = shared_sample(index);
		for (const at::Tensor &picture : {sample.source, sample.background, sample.foreground})
			ASSERT_EQ(picture.sizes(), (at::IntArrayRef{3, 64, 96}));
		ASSERT_EQ(sample.alpha.sizes(), (at::IntArrayRef{1, 64, 96}));
		for (const at::Tensor &picture : {sample.source, sample.background, sample.alpha, sample.foreground}) {
			ASSERT_EQ(picture.scalar_type(), at::kFloat);
			ASSERT_GE(picture.min().item<float>(), 0) << index;
			ASSERT_LE(picture.max().item<float>(), 1) << index;
			ASSERT_FALSE(picture.isnan().any().item<bool>()) << index;
		}
		ASSERT_EQ(sample.foreground.masked_select(sample.alpha == 0).count_nonzero().item<int64_t>(), 0)
			<< index;
	}
}

// White before black: the picture is alpha, but for what noise and compression do to the mean of a column.
TEST(TrainingPictures, AreAsMuchOutOfFocusAsTheirAlpha)
{
	const View view{64, 64, 1080};
	constexpr int count = 60;
	std::vector<CameraPlan> plans;
	for (uint64_t seed = 0; seed < count; seed++) {
		Random random(seed);
		plans.emplace_back(view, random);
	}
	const at::Tensor alpha = at::arange(64).lt(32).to(at::kFloat).expand({count, 1, 64, 64});
	const at::Tensor black = at::zeros({count, 3, 64, 64});
	Scenes scenes{black.clone(), black.clone(), black + alpha, alpha.clone()};
	at::Tensor source = scenes.foreground.clone();
	photograph(scenes, source, plans);
	for (int i = 0; i < count; i++) {
		const auto mean_of_columns = [&](const at::Tensor &pictures) {
			return pictures[i][0].mean(0);
		};
		const at::Tensor seen = mean_of_columns(scenes.alpha);
		EXPECT_LT((mean_of_columns(source) - seen).abs().mean().item<double>(), 0.025) << i;
		EXPECT_LT((mean_of_columns(scenes.foreground) - seen).abs().max().item<double>(), 1e-5) << i;
	}
}

double mean_difference(const Sample &one, const Sample &other)
{
	const auto mean = [&](at::Tensor Sample::*member) {
		return (one.*member - other.*member).abs().mean().item<double>();
	};
	return mean(&Sample::source) + mean(&Sample::background) + mean(&Sample::alpha) + mean(&Sample::foreground);
}

// As a card makes them. All steps are taken by some of so many, and by none of them alone.
TEST(TrainingPictures, AreTheSameWhetherTheyAreMadeAloneOrTogether)
{
	constexpr int count = 64;
	Crops crops{.width = 96, .height = 64, .stride = 2};
	for (int i = 0; i < count; i++)
		crops.frame_heights.push_back(80 + 3 * i);
	GeneratorSettings settings = few_pictures(1);
	settings.together = count;
	const Samples together = make_generator(settings)->make(5, crops);
	EXPECT_EQ(together.source.sizes(), (at::IntArrayRef{count, 3, 32, 48}));
	EXPECT_TRUE(together.source.is_contiguous(at::MemoryFormat::ChannelsLast));
	const Samples one_by_one = shared_generator().make(5, crops);
	for (int i = 0; i < count; i++)
		EXPECT_LT(mean_difference(together[i], one_by_one[i]), 1e-4) << i;
}

TEST(TrainingPictures, AreTheFirstPixelsOfThoseDrawnTwiceAsLarge)
{
	Crops crops = small;
	const at::Tensor large = shared_generator().make(3, crops).source;
	crops.stride = 2;
	const at::Tensor kept = shared_generator().make(3, crops).source;
	EXPECT_TRUE(kept.equal(large.slice(2, 0, at::nullopt, 2).slice(3, 0, at::nullopt, 2)));
}

TEST(TrainingPictures, TakeAllThatIsDrawnWhereAllIsKept)
{
	GeneratorSettings settings = few_pictures(1);
	settings.keeps_all = true;
	const auto generator = make_generator(settings);
	const Sample first = generator->make(500, small)[0];
	EXPECT_TRUE(are_equal(make_generator(settings)->make(500, small)[0], first));
	EXPECT_LE(first.source.max().item<float>(), 1);
	settings.sprites = 0;
	EXPECT_THROW(make_generator(settings), std::invalid_argument);
}

TEST(TrainingPictures, AreTheSameWhateverWasMadeBefore)
{
	const Sample first = shared_sample(7);
	shared_generator().make(1000, small);
	EXPECT_TRUE(are_equal(shared_sample(7), first));
	const auto another = make_generator(few_pictures(1));
	another->make(8, small);
	EXPECT_TRUE(are_equal(another->make(7, small)[0], first));
}

TEST(TrainingPictures, AreTheSameOnEveryThread)
{
	constexpr int count = 24;
	const auto fresh = make_generator(few_pictures(1));
	std::vector<Sample> samples(count);
	std::vector<std::thread> threads;
	for (int thread = 0; thread < 2; thread++)
		threads.emplace_back([&, thread] {
			for (int i = thread; i < count; i += 2)
				samples[i] = fresh->make(i, small)[0];
		});
	for (std::thread &thread : threads)
		thread.join();
	for (int i = 0; i < count; i++)
		EXPECT_TRUE(are_equal(samples[i], shared_sample(i))) << i;
}

TEST(TrainingPictures, DifferBetweenIndicesAndSeeds)
{
	GeneratorSettings settings = few_pictures(2);
	settings.sprites = settings.rooms = 1;
	const auto other = make_generator(settings);
	const Sample first = shared_sample(0);
	EXPECT_FALSE(first.source.equal(shared_sample(1).source));
	EXPECT_FALSE(first.source.equal(other->make(0, small)[0].source));
}

TEST(TrainingPictures, SometimesShowNobodyAndOftenHaveSoftEdges)
{
	int empty = 0, soft = 0;
	constexpr int count = 200;
	for (uint64_t index = 0; index < count; index++) {
		const at::Tensor alpha = shared_sample(index).alpha;
		empty += alpha.max().item<float>() == 0;
		soft += ((alpha > 0.1) & (alpha < 0.9)).sum().item<int64_t>() > alpha.numel() / 100;
	}
	EXPECT_GE(empty, count / 50);
	EXPECT_LE(empty, count / 4);
	EXPECT_GE(soft, count / 4);
}

TEST(TrainingPictures, ShowTheSceneOverThePlateWhereNobodyIs)
{
	// Shadows, noise and drift are small on average: an unrelated picture would be 0.2 away.
	double difference = 0;
	constexpr int count = 60;
	for (uint64_t index = 0; index < count; index++) {
		const Sample sample = shared_sample(index);
		const at::Tensor free = (sample.alpha == 0).expand_as(sample.source);
		if (free.any().item<bool>())
			difference +=
				(sample.source - sample.background).abs().masked_select(free).mean().item<double>() /
				count;
	}
	EXPECT_GT(difference, 0);
	EXPECT_LT(difference, 0.08);
}

} // namespace
} // namespace matting::training
