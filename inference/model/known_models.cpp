// SPDX-License-Identifier: GPL-2.0-or-later
#include "known_models.hpp"

#include "inference/error.hpp"
#include "inference/program_part.hpp"
#include "inference/wire/home_folder.hpp"

#include <algorithm>

namespace matting {
namespace {

// Installed, the program lies in bin/64bit and the data in data; from build/<preset> the source's is as far away.
std::filesystem::path models_folder()
{
	return program_folder().parent_path().parent_path() / "data" / "models";
}

} // namespace

std::string bundled_model()
{
	std::error_code ignored;
	std::filesystem::path first;
	for (const auto &entry : std::filesystem::directory_iterator(models_folder(), ignored))
		if (entry.path().extension() == ".pth" && (first.empty() || entry.path() < first))
			first = entry.path();
	if (first.empty())
		throw Error("no model is bundled: name one with --model");
	return first.string();
}

std::filesystem::path find_model(const std::filesystem::path &name)
{
	std::error_code ignored;
	if (std::filesystem::exists(name, ignored) || name.has_parent_path())
		return name;
	if (name == "bundled")
		return bundled_model();
	const PublishedModel *published = find_published_model(&PublishedModel::name, name.string());
	const auto folder = user_models_folder();
	const auto kept = folder / (published ? published->file : name);
	if (!folder.empty() && std::filesystem::exists(kept, ignored))
		return kept;
	if (published)
		throw Error("the model " + name.string() + " is not here yet: background-matting models fetch " +
			    name.string());
	return name;
}

const PublishedModel *find_published_model(const char *PublishedModel::*field, const std::string &value)
{
	const auto *found = std::find_if(published_models.begin(), published_models.end(),
					 [&](const PublishedModel &model) { return model.*field == value; });
	return found == published_models.end() ? nullptr : found;
}

} // namespace matting
