// SPDX-License-Identifier: GPL-2.0-or-later
#include "doctor.hpp"

#include "engine_process.hpp"
#include "utf8_path.hpp"

#include "inference/wire/protocol.hpp"

#include <atomic>
#include <chrono>
#include <system_error>
#include <utility>
#include <vector>

namespace matting {
namespace {

constexpr auto patience = std::chrono::seconds(30);
constexpr const char *silent = "the doctor has not answered in 30 seconds\n";

struct Dismissed {
	std::mutex mutex;
	std::vector<std::unique_ptr<ChildProcess>> processes;
	std::atomic<bool> are_there = false; // to be asked in each tick
};

// Those that were killed and have not ended yet: who hangs in a driver does not, until that lets it go. Of all doctors, and never
// destroyed: that would wait for them.
Dismissed &dismissed()
{
	static auto &dismissed = *new Dismissed;
	return dismissed;
}

// Of the dismissed ones. Does not wait for those that have not ended.
void reap_who_has_ended()
{
	const std::lock_guard lock(dismissed().mutex);
	std::erase_if(dismissed().processes, [](const auto &process) { return process->kill(); });
	dismissed().are_there = !dismissed().processes.empty();
}

} // namespace

Doctor::~Doctor()
{
	dismiss();
}

// It writes nothing: there is no harm in ending it at once.
void Doctor::dismiss()
{
	if (process_) {
		const std::lock_guard lock(dismissed().mutex);
		dismissed().processes.push_back(std::move(process_));
	}
	reap_who_has_ended();
}

void Doctor::ask(const std::string &model, const std::string &device)
{
	const std::lock_guard lock(mutex_);
	dismiss();
	answer_.clear();
	std::vector<std::string> arguments{"doctor", "--device", device.empty() ? "auto" : device};
	if (!model.empty())
		arguments.insert(arguments.end(), {"--model", model});
	try {
		const auto [ours, its] = Channel::pair(); // every child has one
		const Channel our_end(ours), its_end(its);
		process_ =
			std::make_unique<ChildProcess>(utf8_of(engine_folder() / engine_program_name), arguments, its);
		asked_ = std::chrono::steady_clock::now();
	} catch (const std::system_error &error) {
		answer_ = error.what();
	}
}

bool Doctor::listen()
{
	const std::unique_lock lock(mutex_, std::try_to_lock);
	if (!lock) // one is being started
		return false;
	if (dismissed().are_there)
		reap_who_has_ended();
	if (!process_)
		return false;
	const auto end = process_->end();
	std::string more = process_->read_output();
	if (end) {
		more += end->empty() ? "" : "the doctor has ended: " + in_english(*end) + "\n";
		process_.reset();
	} else if (std::chrono::steady_clock::now() - asked_ > patience) {
		more += silent;
		dismiss();
	}
	answer_ += more;
	return !more.empty();
}

std::string Doctor::answer() const
{
	const std::lock_guard lock(mutex_);
	return answer_;
}

} // namespace matting
