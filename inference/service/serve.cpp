// SPDX-License-Identifier: GPL-2.0-or-later
// One thread reads messages and opens the files that they name, one runs the model.
#include "serve.hpp"

#include "sandbox.hpp"
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

struct Request {
	Channel::Received received;
	NamedFile file; ///< to be read, if it names one
	Session::Arrival arrived;
};

/// What was received and waits for the model thread. Thread-safety: safe.
class Inbox {
public:
	void push(Request request)
	{
		const std::lock_guard lock(mutex_);
		waiting_.push_back(std::move(request));
		changed_.notify_one();
	}

	/// Nothing more will come. Waits for the model thread to finish what it is at: it may be writing a capture to a slow disk.
	void close()
	{
		std::unique_lock lock(mutex_);
		closed_ = true;
		changed_.notify_one();
		finished_.wait_for(lock, std::chrono::seconds(5), [this] { return idle_; });
	}

	/// Blocks; nothing once it is closed.
	std::optional<Request> pop()
	{
		std::unique_lock lock(mutex_);
		idle_ = true;
		finished_.notify_one();
		changed_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
		if (closed_)
			return std::nullopt;
		idle_ = false;
		Request request = std::move(waiting_.front());
		waiting_.pop_front();
		return request;
	}

private:
	std::mutex mutex_;
	std::condition_variable changed_, finished_;
	std::deque<Request> waiting_;
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
	return channel.answer(message);
}

// Of the device: the plugin starts the engine anew, or does without the device.
[[noreturn]] void fail_after(const Channel &channel, const Error &error)
{
	send(channel, MessageKind::failed, 0, error.words());
	end_after(error);
}

void run_model(Inbox &inbox, const Channel &channel, const std::string &device, int threads,
	       const std::filesystem::path &backgrounds)
try {
	forbid_reading(backgrounds, is_cuda(device));
	std::map<uint32_t, Session> sessions;
	while (const auto request = inbox.pop()) {
		const Message &message = request->received.message;
		if (message.kind == MessageKind::close) {
			sessions.erase(message.session);
			send(channel, MessageKind::closed, message.session);
		} else {
			sessions.try_emplace(message.session, message.session, device, threads, channel)
				.first->second.handle(message, request->received.handle, request->file,
						      request->arrived);
		}
	}
} catch (const Error &error) {
	fail_after(channel, error);
} catch (const std::exception &error) {
	end_after(error);
}

void say_hello(const Channel &channel, const std::string &device)
{
	if (!send(channel, MessageKind::hello, 0, "background-matting " MATTING_VERSION ", device " + device))
		throw Error("serve is started by the OBS plugin, which gives it the connection to talk over");
}

NamedFile open_named(const Message &message, NamedFiles &files)
{
	const bool is_read = message.kind == MessageKind::set_model || message.kind == MessageKind::set_background;
	return is_read && *message.text ? files.open(message.text) : NamedFile();
}

} // namespace

void serve(const std::string &device, int threads, const std::filesystem::path &backgrounds)
{
	const int usual_threads = threads > 0 ? threads : std::max(1, useful_threads() - 1); // one is left to OBS
	set_threads(usual_threads);
	const Channel channel(Channel::inherited());
	say_hello(channel, device);
	try {
		if (is_cuda(device))
			start_cuda_device(find_cuda_device(device).index);
	} catch (const Error &error) {
		fail_after(channel, error);
	}
	enter_sandbox(backgrounds, is_cuda(device));
	Inbox inbox;
	std::thread model([&] { run_model(inbox, channel, device, usual_threads, backgrounds); });
	try {
		NamedFiles files;
		while (const auto received = channel.receive())
			inbox.push({*received, open_named(received->message, files), std::chrono::steady_clock::now()});
	} catch (const std::exception &error) {
		end_after(error);
	}
	inbox.close();
	std::_Exit(EXIT_SUCCESS); // OBS is gone: nobody waits for what is still at work
}

} // namespace matting
