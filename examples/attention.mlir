// Self-attention with 4 heads and a residual, 128 tokens of width 256.
#map = affine_map<(d0, d1) -> (d0, d1)>
#map1 = affine_map<(d0, d1) -> (d1)>
#map2 = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#map3 = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
#map4 = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, 0)>
#map5 = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
module {
  func.func @main(%arg0: tensor<1x128x256xf32> loc("input0"), %arg1: tensor<256x256xf32> loc("query.weight"), %arg2: tensor<256xf32> loc("query.bias"), %arg3: tensor<256x256xf32> loc("key.weight"), %arg4: tensor<256xf32> loc("key.bias"), %arg5: tensor<256x256xf32> loc("value.weight"), %arg6: tensor<256xf32> loc("value.bias"), %arg7: tensor<256x256xf32> loc("output.weight"), %arg8: tensor<256xf32> loc("output.bias")) -> tensor<1x128x256xf32> {
    %cst = arith.constant 0.000000e+00 : f32
    %c0_i64 = arith.constant 0 : i64 loc("_softmax")
    %cst_0 = arith.constant 0xFF800000 : f32 loc("_softmax")
    %cst_1 = arith.constant 1.250000e-01 : f32
    %collapsed = tensor.collapse_shape %arg0 [[0, 1], [2]] : tensor<1x128x256xf32> into tensor<128x256xf32> loc("query.view")
    %0 = tensor.empty() : tensor<256x256xf32> loc("query.permute")
    %transposed = linalg.transpose ins(%arg1 : tensor<256x256xf32>) outs(%0 : tensor<256x256xf32>) permutation = [1, 0]  loc("query.permute")
    %1 = tensor.empty() : tensor<128x256xf32> loc("query.mm")
    %2 = linalg.fill ins(%cst : f32) outs(%1 : tensor<128x256xf32>) -> tensor<128x256xf32> loc("query.mm")
    %3 = linalg.matmul ins(%collapsed, %transposed : tensor<128x256xf32>, tensor<256x256xf32>) outs(%2 : tensor<128x256xf32>) -> tensor<128x256xf32> loc("query.mm")
    %4 = linalg.generic {indexing_maps = [#map, #map1, #map], iterator_types = ["parallel", "parallel"]} ins(%3, %arg2 : tensor<128x256xf32>, tensor<256xf32>) outs(%1 : tensor<128x256xf32>) {
    ^bb0(%in: f32, %in_20: f32, %out: f32):
      %35 = arith.addf %in, %in_20 : f32
      linalg.yield %35 : f32
    } -> tensor<128x256xf32> loc("query.add")
    %expanded = tensor.expand_shape %4 [[0, 1], [2, 3]] output_shape [1, 128, 4, 64] : tensor<128x256xf32> into tensor<1x128x4x64xf32> loc("view_2")
    %5 = tensor.empty() : tensor<1x4x128x64xf32> loc("permute_1")
    %transposed_2 = linalg.transpose ins(%expanded : tensor<1x128x4x64xf32>) outs(%5 : tensor<1x4x128x64xf32>) permutation = [0, 2, 1, 3]  loc("permute_1")
    %transposed_3 = linalg.transpose ins(%arg3 : tensor<256x256xf32>) outs(%0 : tensor<256x256xf32>) permutation = [1, 0]  loc("key.permute_2")
    %6 = linalg.matmul ins(%collapsed, %transposed_3 : tensor<128x256xf32>, tensor<256x256xf32>) outs(%2 : tensor<128x256xf32>) -> tensor<128x256xf32> loc("key.mm_1")
    %7 = linalg.generic {indexing_maps = [#map, #map1, #map], iterator_types = ["parallel", "parallel"]} ins(%6, %arg4 : tensor<128x256xf32>, tensor<256xf32>) outs(%1 : tensor<128x256xf32>) {
    ^bb0(%in: f32, %in_20: f32, %out: f32):
      %35 = arith.addf %in, %in_20 : f32
      linalg.yield %35 : f32
    } -> tensor<128x256xf32> loc("key.add_1")
    %expanded_4 = tensor.expand_shape %7 [[0, 1], [2, 3]] output_shape [1, 128, 4, 64] : tensor<128x256xf32> into tensor<1x128x4x64xf32> loc("view_5")
    %transposed_5 = linalg.transpose ins(%arg5 : tensor<256x256xf32>) outs(%0 : tensor<256x256xf32>) permutation = [1, 0]  loc("value.permute_4")
    %8 = linalg.matmul ins(%collapsed, %transposed_5 : tensor<128x256xf32>, tensor<256x256xf32>) outs(%2 : tensor<128x256xf32>) -> tensor<128x256xf32> loc("value.mm_2")
    %9 = linalg.generic {indexing_maps = [#map, #map1, #map], iterator_types = ["parallel", "parallel"]} ins(%8, %arg6 : tensor<128x256xf32>, tensor<256xf32>) outs(%1 : tensor<128x256xf32>) {
    ^bb0(%in: f32, %in_20: f32, %out: f32):
      %35 = arith.addf %in, %in_20 : f32
      linalg.yield %35 : f32
    } -> tensor<128x256xf32> loc("value.add_2")
    %expanded_6 = tensor.expand_shape %9 [[0, 1], [2, 3]] output_shape [1, 128, 4, 64] : tensor<128x256xf32> into tensor<1x128x4x64xf32> loc("view_8")
    %transposed_7 = linalg.transpose ins(%expanded_6 : tensor<1x128x4x64xf32>) outs(%5 : tensor<1x4x128x64xf32>) permutation = [0, 2, 1, 3]  loc("permute_5")
    %10 = tensor.empty() : tensor<1x4x64x128xf32> loc("permute_6")
    %transposed_8 = linalg.transpose ins(%expanded_4 : tensor<1x128x4x64xf32>) outs(%10 : tensor<1x4x64x128xf32>) permutation = [0, 2, 3, 1]  loc("permute_6")
    %collapsed_9 = tensor.collapse_shape %transposed_2 [[0, 1], [2], [3]] : tensor<1x4x128x64xf32> into tensor<4x128x64xf32> loc("view_9")
    %collapsed_10 = tensor.collapse_shape %transposed_8 [[0, 1], [2], [3]] : tensor<1x4x64x128xf32> into tensor<4x64x128xf32> loc("view_10")
    %11 = tensor.empty() : tensor<4x128x128xf32> loc("bmm")
    %12 = linalg.fill ins(%cst : f32) outs(%11 : tensor<4x128x128xf32>) -> tensor<4x128x128xf32> loc("bmm")
    %13 = linalg.batch_matmul ins(%collapsed_9, %collapsed_10 : tensor<4x128x64xf32>, tensor<4x64x128xf32>) outs(%12 : tensor<4x128x128xf32>) -> tensor<4x128x128xf32> loc("bmm")
    %expanded_11 = tensor.expand_shape %13 [[0, 1], [2], [3]] output_shape [1, 4, 128, 128] : tensor<4x128x128xf32> into tensor<1x4x128x128xf32> loc("view_11")
    %14 = tensor.empty() : tensor<1x4x128x128xf32> loc("mul_6")
    %15 = linalg.generic {indexing_maps = [#map2, #map2], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%expanded_11 : tensor<1x4x128x128xf32>) outs(%14 : tensor<1x4x128x128xf32>) {
    ^bb0(%in: f32, %out: f32):
      %35 = arith.mulf %in, %cst_1 : f32
      linalg.yield %35 : f32
    } -> tensor<1x4x128x128xf32> loc("mul_6")
    %16 = tensor.empty() : tensor<1x4x128xi64> loc("_softmax")
    %17 = linalg.fill ins(%c0_i64 : i64) outs(%16 : tensor<1x4x128xi64>) -> tensor<1x4x128xi64> loc("_softmax")
    %18 = tensor.empty() : tensor<1x4x128xf32> loc("_softmax")
    %19 = linalg.fill ins(%cst_0 : f32) outs(%18 : tensor<1x4x128xf32>) -> tensor<1x4x128xf32> loc("_softmax")
    %20:2 = linalg.generic {indexing_maps = [#map2, #map3, #map3], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%15 : tensor<1x4x128x128xf32>) outs(%19, %17 : tensor<1x4x128xf32>, tensor<1x4x128xi64>) {
    ^bb0(%in: f32, %out: f32, %out_20: i64):
      %35 = linalg.index 3 : index
      %36 = arith.index_cast %35 : index to i64
      %37 = arith.maximumf %in, %out : f32
      %38 = arith.cmpf ogt, %in, %out : f32
      %39 = arith.select %38, %36, %out_20 : i64
      linalg.yield %37, %39 : f32, i64
    } -> (tensor<1x4x128xf32>, tensor<1x4x128xi64>) loc("_softmax")
    %expanded_12 = tensor.expand_shape %20#0 [[0], [1], [2, 3]] output_shape [1, 4, 128, 1] : tensor<1x4x128xf32> into tensor<1x4x128x1xf32> loc("_softmax")
    %21 = linalg.generic {indexing_maps = [#map2, #map4, #map2], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%15, %expanded_12 : tensor<1x4x128x128xf32>, tensor<1x4x128x1xf32>) outs(%14 : tensor<1x4x128x128xf32>) {
    ^bb0(%in: f32, %in_20: f32, %out: f32):
      %35 = arith.subf %in, %in_20 : f32
      linalg.yield %35 : f32
    } -> tensor<1x4x128x128xf32> loc("_softmax")
    %22 = linalg.generic {indexing_maps = [#map2, #map2], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%21 : tensor<1x4x128x128xf32>) outs(%14 : tensor<1x4x128x128xf32>) {
    ^bb0(%in: f32, %out: f32):
      %35 = math.exp %in : f32
      linalg.yield %35 : f32
    } -> tensor<1x4x128x128xf32> loc("_softmax")
    %23 = tensor.empty() : tensor<1x4x128x1xf32> loc("_softmax")
    %24 = linalg.fill ins(%cst : f32) outs(%23 : tensor<1x4x128x1xf32>) -> tensor<1x4x128x1xf32> loc("_softmax")
    %25 = linalg.generic {indexing_maps = [#map2, #map4], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%22 : tensor<1x4x128x128xf32>) outs(%24 : tensor<1x4x128x1xf32>) {
    ^bb0(%in: f32, %out: f32):
      %35 = arith.addf %in, %out : f32
      linalg.yield %35 : f32
    } -> tensor<1x4x128x1xf32> loc("_softmax")
    %26 = linalg.generic {indexing_maps = [#map2, #map4, #map2], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%22, %25 : tensor<1x4x128x128xf32>, tensor<1x4x128x1xf32>) outs(%14 : tensor<1x4x128x128xf32>) {
    ^bb0(%in: f32, %in_20: f32, %out: f32):
      %35 = arith.divf %in, %in_20 : f32
      linalg.yield %35 : f32
    } -> tensor<1x4x128x128xf32> loc("_softmax")
    %collapsed_13 = tensor.collapse_shape %26 [[0, 1], [2], [3]] : tensor<1x4x128x128xf32> into tensor<4x128x128xf32> loc("view_12")
    %collapsed_14 = tensor.collapse_shape %transposed_7 [[0, 1], [2], [3]] : tensor<1x4x128x64xf32> into tensor<4x128x64xf32> loc("view_13")
    %27 = tensor.empty() : tensor<4x128x64xf32> loc("bmm_1")
    %28 = linalg.fill ins(%cst : f32) outs(%27 : tensor<4x128x64xf32>) -> tensor<4x128x64xf32> loc("bmm_1")
    %29 = linalg.batch_matmul ins(%collapsed_13, %collapsed_14 : tensor<4x128x128xf32>, tensor<4x128x64xf32>) outs(%28 : tensor<4x128x64xf32>) -> tensor<4x128x64xf32> loc("bmm_1")
    %expanded_15 = tensor.expand_shape %29 [[0, 1], [2], [3]] output_shape [1, 4, 128, 64] : tensor<4x128x64xf32> into tensor<1x4x128x64xf32> loc("view_14")
    %30 = tensor.empty() : tensor<1x128x4x64xf32> loc("permute_7")
    %transposed_16 = linalg.transpose ins(%expanded_15 : tensor<1x4x128x64xf32>) outs(%30 : tensor<1x128x4x64xf32>) permutation = [0, 2, 1, 3]  loc("permute_7")
    %collapsed_17 = tensor.collapse_shape %transposed_16 [[0, 1], [2, 3]] : tensor<1x128x4x64xf32> into tensor<128x256xf32> loc("output.view_16")
    %transposed_18 = linalg.transpose ins(%arg7 : tensor<256x256xf32>) outs(%0 : tensor<256x256xf32>) permutation = [1, 0]  loc("output.permute_8")
    %31 = linalg.matmul ins(%collapsed_17, %transposed_18 : tensor<128x256xf32>, tensor<256x256xf32>) outs(%2 : tensor<128x256xf32>) -> tensor<128x256xf32> loc("output.mm_3")
    %32 = linalg.generic {indexing_maps = [#map, #map1, #map], iterator_types = ["parallel", "parallel"]} ins(%31, %arg8 : tensor<128x256xf32>, tensor<256xf32>) outs(%1 : tensor<128x256xf32>) {
    ^bb0(%in: f32, %in_20: f32, %out: f32):
      %35 = arith.addf %in, %in_20 : f32
      linalg.yield %35 : f32
    } -> tensor<128x256xf32> loc("output.add_3")
    %expanded_19 = tensor.expand_shape %32 [[0, 1], [2]] output_shape [1, 128, 256] : tensor<128x256xf32> into tensor<1x128x256xf32> loc("output.view_17")
    %33 = tensor.empty() : tensor<1x128x256xf32> loc("add_4")
    %34 = linalg.generic {indexing_maps = [#map5, #map5, #map5], iterator_types = ["parallel", "parallel", "parallel"]} ins(%expanded_19, %arg0 : tensor<1x128x256xf32>, tensor<1x128x256xf32>) outs(%33 : tensor<1x128x256xf32>) {
    ^bb0(%in: f32, %in_20: f32, %out: f32):
      %35 = arith.addf %in, %in_20 : f32
      linalg.yield %35 : f32
    } -> tensor<1x128x256xf32> loc("add_4")
    return %34 : tensor<1x128x256xf32> loc("output")
  } loc("args_0")
}
