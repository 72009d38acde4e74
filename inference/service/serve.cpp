// SPDX-License-Identifier: GPL-2.0-or-later
// One thread reads messages, one runs the model.
#include "serve.hpp"

#include "session.hpp"

#include "inference/cuda_library.hpp"
#include "inference/threads.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

namespace matting {
namespace {

/// What was received and waits for the model thread. Thread-safety: safe.
class Inbox {
public:
	void push(const Channel::Received &received)
	{
		const std::lock_guard lock(mutex_);
		waiting_.push_back(received);
		changed_.notify_one();
	}

	/// Nothing more will come. Waits a little for the model thread to finish what it is at.
	void close()
	{
		std::unique_lock lock(mutex_);
		closed_ = true;
		changed_.notify_one();
		finished_.wait_for(lock, std::chrono::milliseconds(500), [this] { return idle_; });
	}

	/// Blocks; nothing once it is closed.
	std::optional<Channel::Received> pop()
	{
		std::unique_lock lock(mutex_);
		idle_ = true;
		finished_.notify_one();
		changed_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
		if (closed_)
			return std::nullopt;
		idle_ = false;
		const auto received = waiting_.front();
		waiting_.pop_front();
		return received;
	}

private:
	std::mutex mutex_;
	std::condition_variable changed_, finished_;
	std::deque<Channel::Received> waiting_;
	bool closed_ = false;
	bool idle_ = false;
};

[[noreturn]] void end_after(const std::exception &error)
{
	std::fprintf(stderr, "background-matting: %s\n", error.what());
	std::_Exit(EXIT_FAILURE);
}

bool send(const Channel &channel, MessageKind kind, uint32_t session, std::string_view text = {})
{
	Message message;
	message.kind = kind;
	message.session = session;
	message.set_text(text);
	return channel.send(message);
}

void run_model(Inbox &inbox, const Channel &channel, const std::string &device)
try {
	if (is_cuda(device))
		find_cuda_device(device);
	std::map<uint32_t, Session> sessions;
	while (const auto received = inbox.pop()) {
		const Message &message = received->message;
		if (message.kind == MessageKind::close) {
			sessions.erase(message.session);
			send(channel, MessageKind::closed, message.session);
		} else {
			sessions.try_emplace(message.session, message.session, device, channel)
				.first->second.handle(message, received->handle);
		}
	}
} catch (const Error &error) { // of the device: the plugin starts the engine anew, or does without the device
	send(channel, MessageKind::failed, 0, error.what());
	end_after(error);
} catch (const std::exception &error) {
	end_after(error);
}

void say_hello(const Channel &channel, const std::string &device)
{
	if (!send(channel, MessageKind::hello, 0, "background-matting " MATTING_VERSION ", device " + device))
		throw Error("serve is started by the OBS plugin, which gives it the connection to talk over");
}

} // namespace

void serve(const std::string &device, int threads)
{
	set_threads(threads > 0 ? threads : std::max(1, physical_cores() - 1)); // one is left to OBS
	const Channel channel(Channel::inherited());
	say_hello(channel, device);
	Inbox inbox;
	std::thread model([&] { run_model(inbox, channel, device); });
	try {
		while (const auto received = channel.receive())
			inbox.push(*received);
	} catch (const std::exception &error) {
		end_after(error);
	}
	inbox.close();
	std::_Exit(EXIT_SUCCESS); // OBS is gone: nobody waits for a frame that is still at work
}

} // namespace matting
