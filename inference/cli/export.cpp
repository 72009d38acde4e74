// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands.hpp"
#include "overwriting.hpp"

#include "inference/error.hpp"
#include "inference/media/file_names.hpp"
#include "inference/media/formats.hpp"
#include "inference/model/known_models.hpp"
#include "inference/model/model_file.hpp"

#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace matting {
namespace {

struct ExportArguments {
	std::string checkpoint, output;
	std::string backbone = "auto";
	std::string precision = "fp32";
	Overwriting overwriting = Overwriting::ask;
};

// Those that the file came with, where it is a TorchScript file.
void set_attributes(torch::jit::Module &network, const Options &attributes)
{
	for_each_option([&](const auto &row) {
		if (row.attribute)
			network.setattr(row.name, attribute_value(row, attributes));
	});
}

void run_export(ExportArguments arguments)
{
	if (is_standard_output(arguments.output))
		throw CLI::ValidationError("--output", "a model is not written to the standard output: name a file");
	arguments.checkpoint = find_model(arguments.checkpoint).string();
	if (could_overwrite(arguments.output, arguments.checkpoint))
		throw Error(fmt::format("the output {} is the checkpoint: choose another name", arguments.output));
	require_folder(arguments.output);
	require_may_write(arguments.output, 0, arguments.overwriting);
	const ModelFile file = open_model_file(arguments.checkpoint);
	if (arguments.backbone != "auto" && arguments.backbone != backbone_name(file.backbone))
		throw Error(fmt::format("{} holds weights for the backbone {}, not {}", arguments.checkpoint,
					backbone_name(file.backbone), arguments.backbone));
	torch::jit::Module network = make_network(file);
	set_attributes(network, file.checkpoint.attributes);
	if (arguments.precision == "fp16")
		convert_to_half(network);
	save_network(network, arguments.output);
}

} // namespace

void add_export_command(CLI::App &app)
{
	auto arguments = std::make_shared<ExportArguments>();
	CLI::App *command = app.add_subcommand(
		"export", "Makes a TorchScript model, with its attributes at the top level, from a checkpoint.");
	command->add_option(
		       "--model", arguments->checkpoint,
		       "A state_dict of torch.save or in safetensors, or a TorchScript model, of BackgroundMattingV2; or a "
		       "name that `models list` shows")
		->required();
	command->add_option("-o,--output", arguments->output, "The model file to write")->required();
	std::vector<std::string> backbones{"auto"};
	backbones.insert(backbones.end(), backbone_names.begin(), backbone_names.end());
	command->add_option("--backbone", arguments->backbone,
			    "Insist on this backbone; auto takes it from the weights")
		->check(CLI::IsMember(backbones))
		->capture_default_str();
	command->add_option("--precision", arguments->precision, "Of all floating numbers in the model")
		->check(CLI::IsMember({"fp32", "fp16"}))
		->capture_default_str();
	add_overwriting_flags(*command, arguments->overwriting);
	command->callback([arguments] { run_export(*arguments); });
}

} // namespace matting
