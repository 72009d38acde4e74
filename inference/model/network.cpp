// SPDX-License-Identifier: GPL-2.0-or-later
#include "network.hpp"

#include "network_layers.hpp"

#include <fmt/format.h>

namespace matting {
namespace {

// ---- Atrous spatial pyramid pooling (Chen et al. 2017; torchvision's), rates 3, 6, 9

Module aspp(Builder &builder, int in)
{
	constexpr int out = 256;
	const auto branch = [&](const Convolution &c) {
		return sequence(builder, {convolution(builder, c), batch_norm(builder, out), relu(builder)});
	};
	std::vector<Module> convs{branch({.in = in, .out = out, .kernel = 1})};
	for (int rate : {3, 6, 9})
		convs.push_back(branch({.in = in, .out = out, .kernel = 3, .padding = rate, .dilation = rate}));

	// The pooled branch counts its pooling as child 0.
	convs.push_back(builder.make("ASPPPooling",
				     {{"1", child(convolution(builder, {.in = in, .out = out, .kernel = 1}))},
				      {"2", child(batch_norm(builder, out))}},
				     R"(
def forward(self, x: Tensor) -> Tensor:
    y = torch.adaptive_avg_pool2d(x, [1, 1])
    y = torch.relu_(getattr(self, "2").forward(getattr(self, "1").forward(y)))
    return torch.upsample_bilinear2d(y, [x.size(2), x.size(3)], False)
)"));

	std::vector<Builder::Attribute> branches;
	std::string source = "def forward(self, x: Tensor) -> Tensor:\n    return torch.cat([\n";
	for (size_t i = 0; i < convs.size(); i++) {
		branches.push_back({std::to_string(i), child(convs[i])});
		source += fmt::format("        getattr(self, \"{}\").forward(x),\n", i);
	}
	const Module pyramid = builder.make("ASPPBranches", branches, source + "    ], 1)\n");
	const int concatenated = out * static_cast<int>(convs.size());
	return builder.make(
		"ASPP",
		{{"convs", child(pyramid)}, {"project", child(branch({.in = concatenated, .out = out, .kernel = 1}))}},
		R"(
def forward(self, x: Tensor) -> Tensor:
    return torch.dropout(self.project.forward(self.convs.forward(x)), 0.5, self.training)
)");
}

// ---- Decoder: upsample, concatenate the skip connection, convolve; four times (paper, section 4.1)

constexpr int coarse_channels = 1 + 3 + 1 + 32; // alpha, foreground residual, error, hidden

Module decoder(Builder &builder, const std::array<int, 4> &skip_channels)
{
	constexpr std::array channels{256, 128, 64, 48, coarse_channels};
	std::vector<Builder::Attribute> attributes;
	std::string source =
		"def forward(self, x: Tensor, x3: Tensor, x2: Tensor, x1: Tensor, x0: Tensor) -> Tensor:\n";
	for (size_t i = 0; i < skip_channels.size(); i++) {
		const bool is_last = i + 1 == skip_channels.size();
		const auto name = std::to_string(i + 1);
		attributes.push_back({"conv" + name, child(convolution(builder, {.in = channels[i] + skip_channels[i],
										 .out = channels[i + 1],
										 .kernel = 3,
										 .padding = 1,
										 .bias = is_last}))});
		const auto skip = fmt::format("x{}", 3 - i);
		source += fmt::format("    x = torch.upsample_bilinear2d(x, [{0}.size(2), {0}.size(3)], False)\n"
				      "    x = self.conv{1}.forward(torch.cat([x, {0}], 1))\n",
				      skip, name);
		if (is_last)
			continue;
		attributes.push_back({"bn" + name, child(batch_norm(builder, channels[i + 1]))});
		source += fmt::format("    x = torch.relu_(self.bn{}.forward(x))\n", name);
	}
	return builder.make("Decoder", attributes, source + "    return x\n");
}

// ---- Refiner: computes 4x4 patches again at full resolution where the coarse result is in doubt (section 4.2)

// `topk` throws beyond the picture's area where the published code does; here the number is clamped.
constexpr const char *refiner_source = R"(
def select(self, err: Tensor) -> Tensor:
    if self.mode == 'sampling':
        flat = err.flatten(1)
        count = max(0, min(self.sample_pixels // 16, flat.size(1)))
        index = torch.topk(flat, count, 1, True, False)[1]
        ref = torch.zeros_like(flat)
        ref.scatter_(1, index, 1.)
        if self.prevent_oversampling:
            ref.mul_(flat.gt(0).float())
        return ref.view(err.size())
    else:
        return err.gt(self.threshold).float()

def crop(self, x: Tensor, b: Tensor, i: Tensor, j: Tensor, size: int, padding: int) -> Tensor:
    x = torch.constant_pad_nd(x, [padding, padding, padding, padding], 0)
    window = size + 2 * padding
    return x.permute([0, 2, 3, 1]).unfold(1, window, size).unfold(2, window, size)[b, i, j]

def replace(self, x: Tensor, patches: Tensor, b: Tensor, i: Tensor, j: Tensor) -> Tensor:
    n, c, h, w = x.size(0), x.size(1), x.size(2), x.size(3)
    tiles = x.view([n, c, h // 4, 4, w // 4, 4]).permute([0, 2, 4, 1, 3, 5])
    tiles[b, i, j] = patches
    return tiles.permute([0, 3, 1, 4, 2, 5]).reshape([n, c, h, w])

def refine(self, half: Tensor, full: Tensor) -> Tensor:
    x = torch.relu_(self.bn1.forward(self.conv1.forward(half)))
    x = torch.relu_(self.bn2.forward(self.conv2.forward(x)))
    x = torch.upsample_nearest2d(x, [full.size(2), full.size(3)])
    x = torch.relu_(self.bn3.forward(self.conv3.forward(torch.cat([x, full], 1))))
    return self.conv4.forward(x)

def forward(self, src: Tensor, bgr: Tensor, pha: Tensor, fgr: Tensor, err: Tensor, hid: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    h, w = src.size(2), src.size(3)
    half = [h // 2, w // 2]
    src_bgr = torch.cat([src, bgr], 1)
    if self.mode == 'full':
        x = torch.upsample_bilinear2d(torch.cat([hid, pha, fgr], 1), half, False)
        y = torch.upsample_bilinear2d(src_bgr, half, False)
        x = torch.constant_pad_nd(torch.cat([x, y], 1), [3, 3, 3, 3], 0)
        out = self.refine(x, torch.constant_pad_nd(src_bgr, [2, 2, 2, 2], 0))
        ref = torch.ones([src.size(0), 1, h // 4, w // 4], dtype=src.dtype, device=src.device)
    else:
        ref = self.select(torch.upsample_bilinear2d(err, [h // 4, w // 4], False))
        out = torch.upsample_bilinear2d(torch.cat([pha, fgr], 1), [h, w], False)
        index = torch.nonzero(ref.squeeze(1))
        b, i, j = index[:, 0], index[:, 1], index[:, 2]
        if b.size(0) > 0:
            x = torch.upsample_bilinear2d(torch.cat([hid, pha, fgr], 1), half, False)
            y = torch.upsample_bilinear2d(src_bgr, half, False)
            x = torch.cat([self.crop(x, b, i, j, 2, 3), self.crop(y, b, i, j, 2, 3)], 1)
            out = self.replace(out, self.refine(x, self.crop(src_bgr, b, i, j, 4, 2)), b, i, j)
    return out[:, 0:1], out[:, 1:4], ref
)";

Module refiner(Builder &builder)
{
	const auto valid_convolution = [&](int in, int out, bool bias) {
		return child(convolution(builder, {.in = in, .out = out, .kernel = 3, .bias = bias}));
	};
	return builder.make("Refiner",
			    {{"mode", std::string()}, // these four are set by the wrapper
			     {"sample_pixels", int64_t{}},
			     {"threshold", double{}},
			     {"prevent_oversampling", bool{}},
			     {"conv1", valid_convolution(32 + 6 + 4, 24, false)},
			     {"bn1", child(batch_norm(builder, 24))},
			     {"conv2", valid_convolution(24, 16, false)},
			     {"bn2", child(batch_norm(builder, 16))},
			     {"conv3", valid_convolution(16 + 6, 12, false)},
			     {"bn3", child(batch_norm(builder, 12))},
			     {"conv4", valid_convolution(12, 4, true)}},
			    refiner_source);
}

constexpr const char *matting_source = R"(
def check(self, src: Tensor, bgr: Tensor):
    h, w, scale, mode = src.size(-2), src.size(-1), self.backbone_scale, self.refiner.mode
    assert src.dim() == 4 and src.size(1) == 3, "src must have the shape (B, 3, H, W), not {}".format(src.size())
    assert src.size() == bgr.size(), "src and bgr must have the same shape, not {} and {}".format(src.size(), bgr.size())
    assert h % 4 == 0 and w % 4 == 0, "height and width must be divisible by 4, not {} and {}".format(h, w)
    assert scale <= 0.5 and int(min(h, w) * scale) >= 1, "backbone_scale must be at most 0.5 and leave a pixel, not {}".format(scale)
    assert mode == 'sampling' or mode == 'thresholding' or mode == 'full', "refine_mode must be sampling, thresholding or full, not {}".format(mode)

def forward(self, src: Tensor, bgr: Tensor) -> Tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
    self.check(src, bgr)
    coarse = [int(src.size(2) * self.backbone_scale), int(src.size(3) * self.backbone_scale)]
    src_sm = torch.upsample_bilinear2d(src, coarse, False)
    bgr_sm = torch.upsample_bilinear2d(bgr, coarse, False)

    x4, x3, x2, x1, x0 = self.backbone.forward(torch.cat([src_sm, bgr_sm], 1))
    x = self.decoder.forward(self.aspp.forward(x4), x3, x2, x1, x0)
    pha_sm = x[:, 0:1].clamp_(0., 1.)
    fgr_sm = x[:, 1:4]
    err_sm = x[:, 4:5].clamp_(0., 1.)
    hid_sm = x[:, 5:].relu_()

    pha, fgr, ref_sm = self.refiner.forward(src, bgr, pha_sm, fgr_sm, err_sm, hid_sm)
    pha = pha.clamp_(0., 1.)
    fgr = fgr.add_(src).clamp_(0., 1.)
    fgr_sm = src_sm.add_(fgr_sm).clamp_(0., 1.)
    return pha, fgr, pha_sm, fgr_sm, err_sm, ref_sm
)";

constexpr const char *wrapper_source = R"(
def forward(self, src: Tensor, bgr: Tensor) -> Tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
    self.model.backbone_scale = self.backbone_scale
    self.model.refiner.mode = self.refine_mode
    self.model.refiner.sample_pixels = self.refine_sample_pixels
    self.model.refiner.threshold = self.refine_threshold
    self.model.refiner.prevent_oversampling = self.refine_prevent_oversampling
    return self.model.forward(src, bgr)
)";

std::vector<Builder::Attribute> hoisted_attributes()
{
	const Options defaults;
	std::vector<Builder::Attribute> attributes;
	for_each_option([&](const auto &row) {
		if (row.attribute)
			attributes.push_back({row.name, attribute_value(row, defaults)});
	});
	return attributes;
}

Module backbone_module(Builder &builder, Backbone backbone)
{
	switch (backbone) {
	case Backbone::mobilenetv2:
		return mobilenetv2(builder);
	case Backbone::resnet50:
		return resnet(builder, 6);
	case Backbone::resnet101:
		return resnet(builder, 23);
	}
	throw std::logic_error("no such backbone");
}

} // namespace

Module make_network(Backbone backbone)
{
	const bool is_mobile = backbone == Backbone::mobilenetv2;
	Builder builder;
	const Module model = builder.make(
		"MattingRefine",
		{{"backbone_scale", Options().backbone_scale},
		 {"backbone", child(backbone_module(builder, backbone))},
		 {"aspp", child(aspp(builder, is_mobile ? 320 : 2048))},
		 {"decoder",
		  child(decoder(builder, is_mobile ? std::array{32, 24, 16, 6} : std::array{512, 256, 64, 6}))},
		 {"refiner", child(refiner(builder))}},
		matting_source);
	auto attributes = hoisted_attributes();
	attributes.push_back({"model", child(model)});
	return builder.make("BackgroundMatting", attributes, wrapper_source);
}

} // namespace matting
