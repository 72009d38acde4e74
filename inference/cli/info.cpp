// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands.hpp"

#include "inference/model/known_models.hpp"
#include "inference/model/model_file.hpp"

#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace matting {
namespace {

using Json = nlohmann::ordered_json;

template<typename Row> Json option_value(const Row &row, const Options &options)
{
	if constexpr (requires { row.choices; })
		return row.choices[static_cast<size_t>(options.*row.field)];
	else
		return options.*row.field;
}

Json describe(const std::string &path)
{
	const ModelFile file = open_model_file(path);
	Json attributes;
	for_each_option([&](const auto &row) {
		if (row.attribute)
			attributes[row.name] = option_value(row, file.checkpoint.attributes);
	});
	return {{"file", path},
		{"format", file.checkpoint.is_torchscript ? "torchscript" : "checkpoint"},
		{"backbone", backbone_name(file.backbone)},
		{"precision", file.precision},
		{"parameters", file.parameters},
		{"bytes", file.bytes},
		{"sha256", file.sha256},
		{"attributes", attributes}};
}

void print_text(const Json &description, int indent)
{
	for (const auto &[key, value] : description.items()) {
		if (value.is_object()) {
			fmt::print("{}:\n", key);
			print_text(value, indent + 2);
			continue;
		}
		fmt::print("{:{}}{:<{}} {}\n", "", indent, key + ":", 30 - indent,
			   value.is_string() ? value.get<std::string>() : value.dump());
	}
}

void run_info(const std::string &path, bool as_json)
{
	const Json description = describe(find_model(path).string());
	if (as_json)
		fmt::print("{}\n",
			   description.dump(2, ' ', false, Json::error_handler_t::replace)); // names of any bytes
	else
		print_text(description, 0);
}

} // namespace

void add_info_command(CLI::App &app)
{
	auto path = std::make_shared<std::string>();
	auto as_json = std::make_shared<bool>(false);
	CLI::App *command = app.add_subcommand("info", "Says what a model file holds, without running anything in it.");
	command->add_option("MODEL", *path, "A checkpoint or a TorchScript model, or a name that `models list` shows")
		->required();
	command->add_flag("--json", *as_json,
			  "One object: file, format (checkpoint, torchscript), backbone, precision, parameters, bytes, "
			  "sha256, attributes");
	command->callback([path, as_json] { run_info(*path, *as_json); });
}

} // namespace matting
