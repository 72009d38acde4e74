// SPDX-License-Identifier: GPL-2.0-or-later
#include "model_trust.hpp"

#include "file_watch.hpp"
#include "graphics.hpp"

#include "inference/wire/apart.hpp"
#include "plugin/engine/utf8_path.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <obs-module.h>
#include <util/platform.h>

namespace matting {
namespace {

std::string list_of_trusted()
{
	const ObsString path(obs_module_config_path("trusted_models"));
	return path ? path.get() : "";
}

// A file of that size and time, at that place; empty: there is none.
std::string identity_of(const std::string &model)
{
	const auto stamp = stamp_of(model);
	return stamp ? fmt::format("{} {} {}", stamp->bytes,
				   std::chrono::nanoseconds(stamp->written.time_since_epoch()).count(), model)
		     : std::string();
}

std::vector<std::string> lines_of(const std::string &list)
{
	std::ifstream stream(path_of(list));
	std::vector<std::string> lines;
	for (std::string line; std::getline(stream, line);)
		lines.push_back(line);
	return lines;
}

bool write(const std::string &identity, bool is_trusted)
{
	const ObsString folder(obs_module_config_path(""));
	const std::string list = list_of_trusted();
	if (identity.empty() || !folder || list.empty())
		return false;
	std::string lines = is_trusted ? identity + "\n" : "";
	for (const std::string &line : lines_of(list))
		if (line != identity)
			lines += line + "\n";
	os_mkdirs(folder.get());
	if (os_quick_write_utf8_file_safe(list.c_str(), lines.c_str(), lines.size(), false, "tmp", nullptr))
		return true;
	blog(LOG_WARNING, "[background-matting] %s cannot be written", list.c_str());
	return !is_trusted && os_unlink(list.c_str()) == 0; // rather none than this one
}

} // namespace

ModelTrust::Found ModelTrust::find(const std::string &model, const std::string &list)
{
	Found found{.identity = identity_of(model)};
	found.is_trusted = !found.identity.empty() && std::ranges::count(lines_of(list), found.identity) > 0;
	return found;
}

// One at a time, whoever does not answer.
void ModelTrust::look(const std::string &model)
{
	const std::lock_guard lock(mutex_);
	if (model != model_) {
		model_ = model;
		found_ = {};
		look_ = {};
		is_unkept_ = false;
	}
	looks_again_ = look_.valid();
	if (!looks_again_)
		begin_look();
}

void ModelTrust::begin_look()
{
	try {
		if (!model_.empty())
			look_ = begin_apart([model = model_, list = list_of_trusted()] { return find(model, list); });
	} catch (const std::system_error &) { // there is no thread to be had now
	}
}

bool ModelTrust::has_changed()
{
	const std::lock_guard lock(mutex_);
	if (!is_ready(look_))
		return false;
	const Found before = std::exchange(found_, look_.get());
	if (std::exchange(looks_again_, false))
		begin_look();
	return found_.is_trusted != before.is_trusted;
}

bool ModelTrust::holds() const
{
	const std::lock_guard lock(mutex_);
	return found_.is_trusted;
}

// For who is quicker than a disk.
void ModelTrust::wait_for_look()
{
	std::unique_lock lock(mutex_);
	if (!found_.identity.empty() || !look_.valid())
		return;
	std::future<Found> look = std::move(look_);
	const std::string model = model_;
	lock.unlock();
	const bool is_ready = look.wait_for(std::chrono::seconds(1)) == std::future_status::ready;
	lock.lock();
	if (model != model_ || look_.valid())
		return;
	if (is_ready)
		found_ = look.get();
	else
		look_ = std::move(look);
}

bool ModelTrust::set(bool holds)
{
	wait_for_look();
	std::string identity;
	{
		const std::lock_guard lock(mutex_);
		identity = found_.identity;
	}
	const bool is_written = write(identity, holds);
	const std::lock_guard lock(mutex_);
	is_unkept_ = !is_written;
	if (!is_written || found_.identity != identity)
		return is_written;
	found_.is_trusted = holds;
	look_ = {}; // that may have been before
	return true;
}

bool ModelTrust::is_unkept() const
{
	const std::lock_guard lock(mutex_);
	return is_unkept_;
}

} // namespace matting
