// SPDX-License-Identifier: GPL-2.0-or-later
// The engine process as the plugin meets it, spoken to over its socket.
#pragma once

#include "inference/wire/protocol.hpp"

#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>

#include <gmock/gmock.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

namespace matting {

class EngineProgram : public testing::Test {
protected:
	explicit EngineProgram(std::string device = "cpu")
	{
		const auto [mine, theirs] = Channel::pair();
		socket_ = mine;
		channel_.emplace(mine);
		posix_spawn_file_actions_t actions;
		posix_spawn_file_actions_init(&actions);
		posix_spawn_file_actions_adddup2(&actions, theirs, engine_socket);
		std::filesystem::create_directories(folder_);
		const char *brought = std::getenv("MATTING_PROGRAM"); // to another machine
		std::string program = brought ? brought : MATTING_PROGRAM, command = "serve", device_flag = "--device";
		std::string folder_flag = "--backgrounds", folder = folder_.string();
		char *arguments[] = {program.data(), command.data(),     device_flag.data(),
				     device.data(),  folder_flag.data(), folder.data(),
				     nullptr};
		EXPECT_EQ(posix_spawn(&process_, program.c_str(), &actions, nullptr, arguments, environ), 0);
		posix_spawn_file_actions_destroy(&actions);
		close(theirs);
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

	/// What the engine says it is then.
	std::string load(const std::filesystem::path &model)
	{
		EXPECT_TRUE(send(MessageKind::set_model, model.string()));
		expect(MessageKind::loading);
		return expect(MessageKind::ready).text;
	}

	void begin_capture(const std::filesystem::path &file, uint32_t frames = 1)
	{
		Message capture = request(MessageKind::capture, file.string());
		capture.count = frames;
		EXPECT_TRUE(channel_->send(capture));
	}

	void share_frames(uint32_t width, uint32_t height)
	{
		frames_ = SharedMemory::create(slot_count * slot_bytes(width, height));
		ASSERT_TRUE(channel_->send(host_frames(width, height), frames_.handle()));
		expect(MessageKind::shared);
	}

	/// A new engine with that model, which takes a frame of 64x48 as its background, in slot 0; what it says of that.
	Message begin_matting(const std::filesystem::path &model)
	{
		expect(MessageKind::hello);
		load(model);
		share_frames(64, 48);
		begin_capture(folder_ / "plate.png");
		send_frame(0, 1);
		return expect(MessageKind::captured);
	}

	Message host_frames(uint32_t width, uint32_t height) const
	{
		Message message = request(MessageKind::set_frames);
		message.memory = MemoryKind::host;
		message.width = width;
		message.height = height;
		return message;
	}

	// What a plugin on a machine with CUDA would send, but of a device that is nowhere.
	Message cuda_frames() const
	{
		Message message = host_frames(64, 48);
		message.memory = MemoryKind::cuda;
		std::memset(&message.cuda, 0xA5, sizeof message.cuda);
		return message;
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

} // namespace matting
