// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine_program.hpp"

#include <chrono>
#include <thread>
#include "models.hpp"

namespace matting {
namespace {

using testing::HasSubstr;

TEST_F(EngineProgram, CapturesABackgroundAndMattes)
{
	EXPECT_THAT(expect(MessageKind::hello).text, HasSubstr("background-matting"));
	EXPECT_EQ(load(difference_model()), "mobilenetv2, cpu, fp32");
	share_frames(64, 48);
	const size_t bytes = slot_bytes(64, 48);

	const auto png = folder_ / "plate.png";
	begin_capture(png, 2);
	fill(0, bytes, {60, 80, 70, 255});
	fill(1, bytes, {62, 82, 72, 255});
	send_frame(0, 1);
	EXPECT_EQ(expect(MessageKind::collected).count, 1u);
	send_frame(1, 2);
	EXPECT_EQ(expect(MessageKind::captured).text, png.string());
	EXPECT_TRUE(std::filesystem::exists(png));

	fill(2, bytes, {61, 81, 71, 255}); // the mean of the two
	send_frame(2, 3);
	const Message room = expect(MessageKind::done);
	EXPECT_EQ(room.slot, 2u);
	EXPECT_EQ(room.frame, 3u);
	EXPECT_GT(room.milliseconds, 0);
	EXPECT_EQ(frames_.data()[2 * bytes + 3], 0) << "the room is gone";
	fill(0, bytes, {200, 200, 200, 255});
	send_frame(0, 4);
	expect(MessageKind::done);
	EXPECT_EQ(frames_.data()[3], 255) << "the person is there";
}

TEST_F(EngineProgram, SaysWhatMadeTheMatteAndShowsOtherViews)
{
	EXPECT_EQ(begin_matting(constant_model(0.2)).flaw, PlateFlaw::none);
	const auto matte = [&](const Options &options, View view) {
		Message message = request(MessageKind::set_options);
		message.options = options;
		message.view = view;
		EXPECT_TRUE(channel_->send(message));
		fill(0, slot_bytes(64, 48), {60, 80, 70, 255});
		send_frame(0, 2);
		return expect(MessageKind::done);
	};
	Options options;
	EXPECT_EQ(matte(options, View::result).options, with_quality(options, 64, 48, /*is_on_card=*/false));
	EXPECT_EQ(frames_.data()[3], 51);
	options.black_point = 0.1;
	options.white_point = 0.3;
	matte(options, View::result);
	EXPECT_NEAR(frames_.data()[3], 128, 1) << "it is finished";
	matte(options, View::alpha);
	EXPECT_NEAR(frames_.data()[0], 128, 1);
	EXPECT_EQ(frames_.data()[3], 255);
	Message nonsense = request(MessageKind::set_options);
	nonsense.view = static_cast<View>(77);
	ASSERT_TRUE(channel_->send(nonsense));
	EXPECT_THAT(expect(MessageKind::failed).text, HasSubstr("view"));
}

TEST_F(EngineProgram, RunsAFilesCodeIfTheUserTrustsIt)
{
	expect(MessageKind::hello);
	Message model = request(MessageKind::set_model, other_network().string());
	for (const Execution execution : {Execution::fast, Execution::scripted}) {
		model.execution = execution;
		ASSERT_TRUE(channel_->send(model));
		expect(MessageKind::loading);
		EXPECT_THAT(expect(MessageKind::failed).text, HasSubstr("other.pth"));
	}
	model.execution = Execution::code;
	ASSERT_TRUE(channel_->send(model));
	expect(MessageKind::loading);
	EXPECT_STREQ(expect(MessageKind::ready).text, "TorchScript, cpu, fp32");
	model.execution = static_cast<Execution>(7);
	ASSERT_TRUE(channel_->send(model));
	EXPECT_THAT(expect(MessageKind::failed).text, HasSubstr("unknown way"));
}

TEST_F(EngineProgram, UsesAsManyThreadsAsItIsTold)
{
	begin_matting(difference_model());
	const auto threads_with = [&](uint32_t wanted) {
		Message message = request(MessageKind::set_options);
		message.count = wanted;
		EXPECT_TRUE(channel_->send(message));
		send_frame(0, 2);
		expect(MessageKind::done);
		const auto tasks = std::filesystem::directory_iterator("/proc/" + std::to_string(process_) + "/task");
		return std::distance(begin(tasks), end(tasks));
	};
	const auto before = static_cast<uint32_t>(threads_with(1));
	EXPECT_GT(threads_with(before + 8), before + 8);
	Message nonsense = request(MessageKind::set_options);
	nonsense.count = 1'000'000;
	ASSERT_TRUE(channel_->send(nonsense));
	EXPECT_THAT(expect(MessageKind::failed).text, HasSubstr("threads"));
}

class SlowDisk {
protected:
	SlowDisk() { setenv("LD_PRELOAD", SLOW_DISK, 1); }
};

class EngineWithASlowDisk : SlowDisk, public EngineProgram {
protected:
	EngineWithASlowDisk() { unsetenv("LD_PRELOAD"); }
};

TEST_F(EngineWithASlowDisk, KeepsNobodyWaitingForIt)
{
	if (!*SLOW_DISK)
		GTEST_SKIP() << "sanitizers come first in a program";
	begin_matting(difference_model());
	const auto begin = std::chrono::steady_clock::now();
	Message other = request(MessageKind::set_background, "/slow/plate.png");
	other.session = 2;
	for (int i = 0; i < 5; i++) {
		ASSERT_TRUE(channel_->send(other));
		EXPECT_THAT(in_english(expect(MessageKind::failed).text), HasSubstr("its disk does not answer"));
	}
	other.kind = MessageKind::set_model;
	other.set_text("/slow/model.pth");
	ASSERT_TRUE(channel_->send(other));
	expect(MessageKind::loading);
	EXPECT_THAT(in_english(expect(MessageKind::failed).text),
		    HasSubstr("cannot read /slow/model.pth: its disk does not answer"));
	send_frame(1, 2);
	expect(MessageKind::done);
	EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(4));
}

TEST_F(EngineProgram, SaysWhatIsMissingForEveryFrame)
{
	expect(MessageKind::hello);
	share_frames(64, 48);
	send_frame(0, 1);
	EXPECT_THAT(expect(MessageKind::failed).text, HasSubstr("no model"));
	ASSERT_TRUE(send(MessageKind::set_model, "/nowhere/model.pth"));
	expect(MessageKind::loading);
	EXPECT_THAT(expect(MessageKind::failed).text, HasSubstr("/nowhere/model.pth"));
	send_frame(1, 2);
	const Message failed = expect(MessageKind::failed);
	EXPECT_THAT(failed.text, HasSubstr("/nowhere/model.pth"));
	EXPECT_EQ(failed.frame, 2u);
	load(constant_model(1));
	send_frame(0, 3);
	EXPECT_THAT(expect(MessageKind::failed).text, HasSubstr("no background"));
	ASSERT_TRUE(send(MessageKind::set_background, "/nowhere/plate.png"));
	EXPECT_THAT(expect(MessageKind::failed).text, HasSubstr("/nowhere/plate.png"));
	Message options = request(MessageKind::set_options);
	options.options.backbone_scale = 7;
	ASSERT_TRUE(channel_->send(options));
	EXPECT_THAT(expect(MessageKind::failed).text, HasSubstr("backbone_scale"));
}

TEST_F(EngineProgram, LosesNoAnswerWhenThereIsNoPlaceForIt)
{
	expect(MessageKind::hello);
	Message nonsense = request(MessageKind::set_options);
	nonsense.count = most_threads + 1;
	constexpr int count = 100; // the connection has place for fewer
	for (int i = 0; i < count; i++)
		while (!channel_->send(nonsense))
			std::this_thread::yield();
	std::this_thread::sleep_for(std::chrono::milliseconds(200));
	for (int i = 0; i < count; i++)
		EXPECT_THAT(expect(MessageKind::failed).text, HasSubstr("out of its range")) << i;
}

TEST_F(EngineProgram, ReportsACaptureThatCannotBeWritten)
{
	expect(MessageKind::hello);
	share_frames(64, 48);
	begin_capture("/nowhere/plate.png");
	send_frame(0, 1);
	EXPECT_THAT(expect(MessageKind::failed).text, HasSubstr("/nowhere/plate.png"));
	send_frame(0, 2);
	EXPECT_THAT(expect(MessageKind::failed).text, HasSubstr("no model")) << "the capture is over";
}

TEST_F(EngineProgram, KeepsItsBackgroundWhenACaptureCannotBeWritten)
{
	expect(MessageKind::hello);
	load(constant_model(1));
	share_frames(64, 48);
	const auto capture_to = [&](const std::filesystem::path &path, uint64_t frame) {
		begin_capture(path);
		send_frame(0, frame);
	};
	capture_to(folder_ / "plate.png", 1);
	expect(MessageKind::captured);
	std::filesystem::remove(folder_ / "plate.png"); // it is in use all the same
	capture_to("/nowhere/plate.png", 2);
	expect(MessageKind::failed);
	send_frame(0, 3);
	expect(MessageKind::done);
}

TEST_F(EngineProgram, DropsACaptureOfWhichAFrameFails)
{
	expect(MessageKind::hello);
	ASSERT_TRUE(channel_->send(cuda_frames()));
	expect(MessageKind::refused);
	begin_capture(folder_ / "plate.png");
	send_frame(0, 1);
	expect(MessageKind::failed);
	share_frames(64, 48);
	send_frame(0, 2);
	EXPECT_THAT(expect(MessageKind::failed).text, HasSubstr("no model")) << "it is not collected";
}

TEST_F(EngineProgram, DropsACaptureWhenABackgroundIsSet)
{
	expect(MessageKind::hello);
	share_frames(64, 48);
	const auto png = folder_ / "plate.png";
	begin_capture(png, 2);
	send_frame(0, 1);
	expect(MessageKind::collected);
	ASSERT_TRUE(send(MessageKind::set_background));
	send_frame(1, 2);
	EXPECT_THAT(expect(MessageKind::failed).text, HasSubstr("no model")) << "it is not collected";
	EXPECT_FALSE(std::filesystem::exists(png));
}

TEST_F(EngineProgram, RefusesCudaMemoryOnTheCpuAndTakesOther)
{
	expect(MessageKind::hello);
	ASSERT_TRUE(channel_->send(cuda_frames()));
	EXPECT_THAT(in_english(expect(MessageKind::refused).text), HasSubstr("device cpu"));
	send_frame(0, 1);
	EXPECT_THAT(in_english(expect(MessageKind::failed).text), HasSubstr("device cpu")) << "it was on its way";
	share_frames(64, 48);
	send_frame(0, 2);
	EXPECT_THAT(expect(MessageKind::failed).text, HasSubstr("no model"));
}

TEST_F(EngineProgram, SaysWhenItHasLetGoOfASession)
{
	expect(MessageKind::hello);
	share_frames(64, 48);
	ASSERT_TRUE(send(MessageKind::close));
	EXPECT_EQ(expect(MessageKind::closed).session, 1u);
}

class EngineOfAnAbsentDevice : public EngineProgram {
protected:
	EngineOfAnAbsentDevice() : EngineProgram("cuda:77") {}
};

TEST_F(EngineOfAnAbsentDevice, SaysWhyAndEnds)
{
	expect(MessageKind::hello);
	const Message failed = expect(MessageKind::failed);
	EXPECT_EQ(failed.session, 0u);
	EXPECT_THAT(failed.text, testing::AnyOf(HasSubstr("use the device cpu"), HasSubstr("no device cuda:77")));
	const int status = exit_status();
	EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 1) << status;
}

TEST_F(EngineProgram, EndsAtOnceWhenThePluginIsGone)
{
	expect(MessageKind::hello);
	channel_.reset();
	EXPECT_EQ(exit_status(), 0);
}

} // namespace
} // namespace matting
