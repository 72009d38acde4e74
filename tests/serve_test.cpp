// SPDX-License-Identifier: GPL-2.0-or-later
// The engine process as the plugin meets it, spoken to over its socket.
#include "models.hpp"

#include "inference/protocol.hpp"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

namespace matting {
namespace {

using testing::HasSubstr;

class EngineProgram : public testing::Test {
protected:
	EngineProgram()
	{
		const auto [mine, theirs] = Channel::pair();
		socket_ = mine;
		channel_.emplace(mine);
		posix_spawn_file_actions_t actions;
		posix_spawn_file_actions_init(&actions);
		posix_spawn_file_actions_adddup2(&actions, theirs, engine_socket);
		std::string program = MATTING_PROGRAM, command = "serve";
		char *arguments[] = {program.data(), command.data(), nullptr};
		EXPECT_EQ(posix_spawn(&process_, program.c_str(), &actions, nullptr, arguments, environ), 0);
		posix_spawn_file_actions_destroy(&actions);
		close(theirs);
		std::filesystem::create_directories(folder_);
	}

	~EngineProgram() override
	{
		channel_.reset();
		if (process_ > 0)
			exit_status();
		std::filesystem::remove_all(folder_);
	}

	Message expect(MessageKind kind)
	{
		pollfd ready{socket_, POLLIN, 0};
		if (poll(&ready, 1, 20'000) != 1) {
			ADD_FAILURE() << "the engine says nothing";
			return {};
		}
		const auto received = channel_->receive();
		if (!received) {
			ADD_FAILURE() << "the engine has ended";
			return {};
		}
		EXPECT_EQ(received->message.kind, kind) << received->message.text;
		return received->message;
	}

	Message request(MessageKind kind, std::string_view text = {}) const
	{
		Message message;
		message.kind = kind;
		message.session = 1;
		message.set_text(text);
		return message;
	}

	bool send(MessageKind kind, std::string_view text = {}) const { return channel_->send(request(kind, text)); }

	void share_frames(uint32_t width, uint32_t height)
	{
		frames_ = SharedMemory::create(slot_count * slot_bytes(width, height));
		Message message = request(MessageKind::set_frames);
		message.width = width;
		message.height = height;
		ASSERT_TRUE(channel_->send(message, frames_.handle()));
	}

	void send_frame(uint32_t slot, uint64_t frame) const
	{
		Message message = request(MessageKind::frame);
		message.slot = slot;
		message.frame = frame;
		ASSERT_TRUE(channel_->send(message));
	}

	void fill(uint32_t slot, size_t bytes, std::array<uint8_t, 4> colour) const
	{
		for (size_t i = 0; i < bytes; i++)
			frames_.data()[slot * bytes + i] = colour[i % 4];
	}

	// Waits up to ten seconds; -1 if it still runs.
	int exit_status()
	{
		int status = -1;
		for (int i = 0; i < 1000; i++) {
			if (waitpid(process_, &status, WNOHANG) == process_) {
				process_ = -1;
				return status;
			}
			usleep(10'000);
		}
		kill(process_, SIGKILL);
		waitpid(process_, &status, 0);
		process_ = -1;
		return -1;
	}

	int socket_;
	std::optional<Channel> channel_;
	pid_t process_ = -1;
	SharedMemory frames_;
	std::filesystem::path folder_ =
		std::filesystem::temp_directory_path() / ("serve-test-" + std::to_string(getpid()));
};

TEST_F(EngineProgram, CapturesABackgroundAndMattes)
{
	EXPECT_THAT(expect(MessageKind::hello).text, HasSubstr("background-matting"));
	ASSERT_TRUE(send(MessageKind::set_model, difference_model().string()));
	expect(MessageKind::loading);
	EXPECT_STREQ(expect(MessageKind::ready).text, "mobilenetv2, cpu, fp32");
	share_frames(64, 48);
	const size_t bytes = slot_bytes(64, 48);

	const auto png = folder_ / "plate.png";
	Message capture = request(MessageKind::capture, png.string());
	capture.count = 2;
	ASSERT_TRUE(channel_->send(capture));
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
	ASSERT_TRUE(send(MessageKind::set_model, constant_model(1).string()));
	expect(MessageKind::loading);
	expect(MessageKind::ready);
	send_frame(0, 3);
	EXPECT_THAT(expect(MessageKind::failed).text, HasSubstr("no background"));
	ASSERT_TRUE(send(MessageKind::set_background, "/nowhere/plate.png"));
	EXPECT_THAT(expect(MessageKind::failed).text, HasSubstr("/nowhere/plate.png"));
	Message options = request(MessageKind::set_options);
	options.options.backbone_scale = 7;
	ASSERT_TRUE(channel_->send(options));
	EXPECT_THAT(expect(MessageKind::failed).text, HasSubstr("backbone_scale"));
}

TEST_F(EngineProgram, ReportsACaptureThatCannotBeWritten)
{
	expect(MessageKind::hello);
	share_frames(64, 48);
	Message capture = request(MessageKind::capture, "/nowhere/plate.png");
	capture.count = 1;
	ASSERT_TRUE(channel_->send(capture));
	send_frame(0, 1);
	EXPECT_THAT(expect(MessageKind::failed).text, HasSubstr("/nowhere/plate.png"));
	send_frame(0, 2);
	EXPECT_THAT(expect(MessageKind::failed).text, HasSubstr("no model")) << "the capture is over";
}

TEST_F(EngineProgram, EndsAtOnceWhenThePluginIsGone)
{
	expect(MessageKind::hello);
	channel_.reset();
	EXPECT_EQ(exit_status(), 0);
}

class Nonsense : public EngineProgram {
protected:
	void expect_end()
	{
		const int status = exit_status();
		EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 1) << status;
	}
};

TEST_F(Nonsense, OfTheWrongFormEndsTheEngine)
{
	expect(MessageKind::hello);
	::send(socket_, "GET / HTTP/1.1", 14, MSG_NOSIGNAL);
	expect_end();
}

TEST_F(Nonsense, OfAnotherVersionEndsTheEngine)
{
	expect(MessageKind::hello);
	Message message = request(MessageKind::close);
	message.version++;
	ASSERT_TRUE(channel_->send(message));
	expect_end();
}

TEST_F(Nonsense, FromThePluginsSideOfTheMessagesEndsTheEngine)
{
	expect(MessageKind::hello);
	ASSERT_TRUE(send(MessageKind::done));
	expect_end();
}

TEST_F(Nonsense, AboutASlotThatDoesNotExistEndsTheEngine)
{
	expect(MessageKind::hello);
	share_frames(64, 48);
	send_frame(slot_count, 1);
	expect_end();
}

TEST_F(Nonsense, AboutAnImpossibleSizeEndsTheEngine)
{
	expect(MessageKind::hello);
	share_frames(64, 48);
	Message message = request(MessageKind::set_frames);
	message.width = message.height = 16384; // with memory for 64x48
	ASSERT_TRUE(channel_->send(message, frames_.handle()));
	expect_end();
}

TEST_F(Nonsense, AFrameBeforeItsMemoryEndsTheEngine)
{
	expect(MessageKind::hello);
	send_frame(0, 1);
	expect_end();
}

} // namespace
} // namespace matting
