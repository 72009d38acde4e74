// SPDX-License-Identifier: GPL-2.0-or-later
#include "weight_names.hpp"

#include "inference/error.hpp"

#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace matting {
namespace {

constexpr std::string_view landmark = "refiner.conv1.weight"; // every network has it, once

// "a", "b" and 7 more
std::string list_of(const std::set<std::string> &names)
{
	constexpr size_t shown = 8;
	const size_t count = std::min(names.size(), shown);
	std::string text = fmt::format("{}", fmt::join(names.begin(), std::next(names.begin(), count), ", "));
	if (names.size() > shown)
		text += fmt::format(" and {} more", names.size() - shown);
	return text;
}

} // namespace

StateDict find_network(StateDict weights)
{
	std::set<std::string> prefixes;
	for (const auto &[name, tensor] : weights)
		if (name == landmark || (name.ends_with(landmark) && name[name.size() - landmark.size() - 1] == '.'))
			prefixes.insert(name.substr(0, name.size() - landmark.size()));
	if (prefixes.size() > 1)
		throw Error("engine.several_networks",
			    "it holds {} networks, under {}: save the state_dict of one of them", prefixes.size(),
			    list_of(prefixes));
	if (prefixes.empty() || prefixes.begin()->empty())
		return weights;
	const std::string &prefix = *prefixes.begin();
	StateDict network;
	for (auto &[name, tensor] : weights)
		if (name.starts_with(prefix))
			network.emplace(name.substr(prefix.size()), std::move(tensor));
	return network;
}

std::string prefixes_of(const StateDict &weights)
{
	std::set<std::string> prefixes;
	for (const auto &[name, tensor] : weights)
		prefixes.insert(name.substr(0, name.find('.') + 1).empty() ? name : name.substr(0, name.find('.') + 1));
	return list_of(prefixes);
}

} // namespace matting
