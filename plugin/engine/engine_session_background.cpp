// SPDX-License-Identifier: GPL-2.0-or-later
// Which background is in force, and how one is captured.
#include "engine_process.hpp"
#include "engine_session.hpp"
#include "utf8_path.hpp"

#include "plugin/text.hpp"

#include <algorithm>
#include <filesystem>

#include <obs-module.h>
#include <util/platform.h>

namespace matting {

// Note [A capture that counts]
// The engine writes a capture under another name, as of a file that nobody has finished. It gets its own when it comes into force.
// So one that was cancelled while the engine was writing is not found by its number, at OBS's next start or for another size of
// the camera: somebody may be in it.
static std::string unfinished(const std::string &path)
{
	const size_t name = path.find_last_of("/\\") + 1;
	return path.substr(0, name) + "." + path.substr(name);
}

void EngineSession::begin(const Background &background)
{
	const std::lock_guard lock(engine_mutex());
	configuration_.background = background;
	if (!background.path.empty())
		configuration_.background.number = std::max<int64_t>(background.number, 1);
}

// What is in force once `wanted` is asked for.
Background EngineSession::newer(const Background &wanted) const
{
	const Background &ours = configuration_.background;
	const bool is_older = wanted.number != 0 && wanted.number < ours.number; // an undo brings such settings back
	if (wanted.path.empty() || is_older || wanted.path == ours.path)         // only `forget_background` forgets
		return {ours.path, std::max(wanted.number, ours.number)};
	return {wanted.path, std::max(wanted.number, ours.number) + 1};
}

void EngineSession::say_of_capture(const std::string &problem)
{
	capture_problem_ns_ = os_gettime_ns();
	say(capture_problem_, problem);
}

// What is known of the background of before.
void EngineSession::forget_fit()
{
	flaw_ = PlateFlaw::none;
	misfit_ = gone_ = {};
	shows_room_ = false;
}

std::string EngineSession::words_of_failed_capture(const std::string &why) const
{
	const bool has_one = !configuration_.background.path.empty();
	return text(has_one ? "error.capture_failed" : "error.first_capture_failed", why);
}

bool EngineSession::is_ready_to_capture() const
{
	return process_ && process_->is_running() && memory_;
}

bool EngineSession::can_capture()
try {
	const FolderOfCaptures folder = FolderOfCaptures::now(); // disks are slow: without the lock
	const std::lock_guard lock(engine_mutex());
	const bool is_ready = is_ready_to_capture();
	const bool knows_folder = is_ready && process_->knows(folder);
	if (is_ready && !knows_folder)
		process_->end(Error::sentence("error.other_folder", "The folder of the backgrounds is another one"));
	say_of_capture(knows_folder ? std::string() : text("error.not_ready_to_capture"));
	return knows_folder;
} catch (const std::runtime_error &error) {
	refuse_capture(words_of(error));
	return false;
}

void EngineSession::refuse_capture(const std::string &problem)
{
	const std::lock_guard lock(engine_mutex());
	say_of_capture(problem);
}

void EngineSession::capture(const std::string &path, uint32_t count)
{
	Message message = request(MessageKind::capture);
	message.count = count;
	const bool fits = message.set_text(unfinished(path));
	const std::lock_guard lock(engine_mutex());
	if (!fits || !is_ready_to_capture())
		return say_of_capture(fits ? text("error.not_ready_to_capture") : text("error.long_path", path));
	say_of_capture({});
	capture_path_ = path;
	capture_missing_ = count;
	drop_frames();
	send(message);
}

// The number of its file is used up: what the engine may still say of it is said of no other.
void EngineSession::end_capture(const std::string &why)
{
	if (!capture_path_)
		return;
	configuration_.background.number++;
	say_of_capture(why);
	capture_path_.reset();
}

bool EngineSession::cancel_capture(const std::string &why)
{
	const std::lock_guard lock(engine_mutex());
	return stop_capture(why);
}

bool EngineSession::stop_capture(const std::string &why)
{
	if (!capture_path_)
		return false;
	end_capture(why);
	tell_background();
	return true;
}

void EngineSession::replace_background(const std::string &path)
{
	configuration_.background = {path, configuration_.background.number + 1};
	say_of_capture({});
	forget_fit();
	tell_background();
}

void EngineSession::choose_background(const std::string &path, const Background &instead_of)
{
	const std::lock_guard lock(engine_mutex());
	if (!capture_path_ && configuration_.background.path == instead_of.path)
		replace_background(path);
}

void EngineSession::read_background_again(const std::string &path)
{
	const std::lock_guard lock(engine_mutex());
	if (!capture_path_ && path == configuration_.background.path)
		replace_background(path);
}

void EngineSession::forget_background()
{
	const std::lock_guard lock(engine_mutex());
	replace_background({});
}

Background EngineSession::background() const
{
	const std::lock_guard lock(engine_mutex());
	return configuration_.background;
}

std::string EngineSession::path_of_capture(const std::string &file) const
{
	return capture_path_ && file == unfinished(*capture_path_) ? *capture_path_ : std::string();
}

// The engine uses the new background already.
bool EngineSession::finish_capture(const std::string &path, PlateFlaw flaw, const std::error_code &error)
{
	if (capture_path_ != path) // it was cancelled meanwhile
		return false;
	if (error) {
		stop_capture(words_of_failed_capture(error.message()));
		return false;
	}
	forget_fit();
	flaw_ = flaw;
	captures_++;
	blog(LOG_INFO, "[background-matting] background captured: %s", path.c_str());
	configuration_.background = {path, configuration_.background.number + 1};
	capture_path_.reset();
	say(background_problem_, {});
	drop_frames();
	return true;
}

// Disks are slow: files are renamed and deleted without the lock. What nobody wants any more is deleted: it is the room.
void EngineProcess::finish_capture(const Message &message)
{
	std::string file = message.text, path;
	{
		const std::lock_guard lock(engine_mutex());
		if (!unfinished_.contains(file)) // nobody has asked for it
			return;
		if (const EngineSession *session = find(message.session))
			path = session->path_of_capture(file);
	}
	bool counts = false;
	std::error_code error;
	if (!path.empty()) {
		std::filesystem::rename(path_of(file), path_of(path), error);
		if (!error)
			file = path;
		const std::lock_guard lock(engine_mutex());
		EngineSession *session = find(message.session);
		counts = session && session->finish_capture(path, message.flaw, error);
	}
	if (!counts)
		std::filesystem::remove(path_of(file), error);
	const std::lock_guard lock(engine_mutex());
	if (!error) // else it is tried once more when the engine has ended
		unfinished_.erase(message.text);
}

// Of an engine that has ended, perhaps while it was writing: then the file has the name that inference/atomic_file.hpp gave it, in
// which all of its own is.
void EngineProcess::remove_unfinished(const std::string &file)
{
	const std::filesystem::path path = path_of(file);
	const std::string mark = utf8_of(path.stem());
	std::error_code error, ignored;
	std::filesystem::directory_iterator entry(path.parent_path(), error);
	for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
		const std::string name = utf8_of(entry->path().filename());
		if (name.starts_with('.') && name.find(mark) != std::string::npos)
			std::filesystem::remove(entry->path(), ignored);
	}
}

} // namespace matting
