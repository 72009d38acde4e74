// SPDX-License-Identifier: GPL-2.0-or-later
#include "golden.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace matting {
namespace {

std::filesystem::path golden_folder()
{
	return project_root() / "tests" / "golden";
}

} // namespace

std::filesystem::path project_root()
{
	const char *moved = std::getenv("MATTING_ROOT");
	return moved ? moved : PROJECT_ROOT;
}

nlohmann::json golden_cases()
{
	return nlohmann::json::parse(std::ifstream(golden_folder() / "index.json"));
}

at::Tensor read_golden(const nlohmann::json &output)
{
	at::Tensor tensor = at::empty(output["shape"].get<std::vector<int64_t>>(), at::kFloat);
	const auto path = golden_folder() / output["file"].get<std::string>();
	std::ifstream stream(path, std::ios::binary);
	stream.read(reinterpret_cast<char *>(tensor.mutable_data_ptr<float>()), tensor.nbytes());
	if (stream.gcount() != static_cast<std::streamsize>(tensor.nbytes()))
		throw std::runtime_error(path.string() + " is too short");
	return tensor;
}

Options golden_options(const nlohmann::json &row)
{
	Options options;
	for_each_option([&](const auto &option) {
		if (!option.attribute)
			return;
		using Value = std::decay_t<decltype(option.initial)>;
		if constexpr (requires { option.choices; }) {
			const auto word = row[option.name].template get<std::string>();
			const auto found = std::find(option.choices.begin(), option.choices.end(), word);
			options.*option.field = static_cast<Value>(found - option.choices.begin());
		} else {
			options.*option.field = row[option.name].template get<Value>();
		}
	});
	return options;
}

} // namespace matting
